#!/usr/bin/python3
"""Has a mail directory hold what a playbook says, by "mailctl apply"."""

DOCUMENTATION = r"""
module: mailctl_record
short_description: Domains, mailboxes, aliases and the rest of a mail directory
description:
  - Makes one thing as mailctl-exchange(5) describes it, or changes what differs. What is not said is left alone.
  - Passwords are given as hashes, in the field password_hash, or not at all.
options:
  kind:
    description: What it is.
    choices: [domain, backup-domain, backup-mail, mailbox, alias, mailinglist, admin]
    required: true
    type: str
  name:
    description: Its address, its domain, or the name of an administrator.
    required: true
    type: str
  fields:
    description: The fields that are to have these values, as "mailctl describe KIND" lists them. Null takes a value away.
    default: {}
    type: dict
  state:
    description: Whether it is to be there. What is absent is removed as "mailctl KIND remove" does it, so that mailboxes and domains are marked first.
    choices: [present, absent]
    default: present
    type: str
  executable:
    description: The program.
    default: mailctl
    type: str
  arguments:
    description: More of its flags, such as a profile or where the directory is.
    default: []
    type: list
    elements: str
"""

EXAMPLES = r"""
- mailctl_record:
    kind: mailbox
    name: bob@example.org
    fields: {name: Bob Jones, quota: 2G, forward_targets: [bob@example.net], forward_active: true}
"""

import json

from ansible.module_utils.basic import AnsibleModule

NAMES = {"domain": "domain", "backup-domain": "domain", "admin": "name"}
PENDING, NOT_FOUND = 2, 67


def message_of(stderr):
    """The sentence of the error among the lines of standard error."""
    for line in stderr.splitlines():
        try:
            return json.loads(line)["error"]["message"]
        except (ValueError, KeyError, TypeError):
            continue
    return stderr.strip()


class Mailctl:
    def __init__(self, module):
        self.module = module
        self.base = [module.params["executable"], "--no-input"] + module.params["arguments"]

    def run(self, arguments, good, data=None):
        status, out, err = self.module.run_command(self.base + arguments, data=data)
        if status not in good:
            self.module.fail_json(msg=message_of(err), rc=status, stdout=out, stderr=err)
        return status, out

    def change(self, verb, name, good=(0,), data=None):
        """Whether something is changed, or would be. What is named is never read as a flag."""
        if self.module.check_mode:
            return self.run(verb + ["-o", "json", "-n", "--detailed-exitcode", "--", name], good + (PENDING,), data)[0] == PENDING
        status, out = self.run(verb + ["-o", "json", "--", name], good, data)
        return status == 0 and json.loads(out)["changed"]


def require_one_thing(module, kind, name, fields):
    """The task is of what it names and of nothing else: a name is no flag and no list, and no field is another name."""
    if not name.strip() or name.startswith("-"):
        module.fail_json(msg="name: %s is no name of a %s" % (json.dumps(name, ensure_ascii=False), kind))
    for field in fields:
        if str(field) in ("kind", NAMES.get(kind, "address")):
            module.fail_json(msg="fields: %s is said by the task itself" % field)


def main():
    module = AnsibleModule(
        argument_spec={
            "kind": {"type": "str", "required": True, "choices": ["domain", "backup-domain", "backup-mail", "mailbox", "alias", "mailinglist", "admin"]},
            "name": {"type": "str", "required": True},
            "fields": {"type": "dict", "default": {}},
            "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
            "executable": {"type": "str", "default": "mailctl"},
            "arguments": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    kind, name = module.params["kind"], module.params["name"]
    require_one_thing(module, kind, name, module.params["fields"])
    mailctl = Mailctl(module)
    if module.params["state"] == "absent":
        module.exit_json(changed=mailctl.change([kind, "remove", "--yes"], name, (0, NOT_FOUND)))
    record = {"kind": kind, NAMES.get(kind, "address"): name, **module.params["fields"]}
    # As YAML, which reads values by the form of their field: those of templates are texts.
    document = json.dumps({"version": 1, "records": [record]}, ensure_ascii=False)
    shown = {}
    if module._diff:
        shown["diff"] = {"prepared": mailctl.run(["diff", "--format", "yaml", "--", "-"], (0,), document)[1]}
    module.exit_json(changed=mailctl.change(["apply", "--yes", "--format", "yaml"], "-", data=document), **shown)


if __name__ == "__main__":
    main()
