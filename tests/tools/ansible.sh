#!/bin/bash
# A playbook that says what a directory is to hold: run twice, the second time changes nothing, and a look beforehand tells what the first would.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
command -v ansible-playbook >/dev/null || exit 77
source_dir=$(cd "${BASH_SOURCE%/*}/../.." && pwd)
start_sandbox
cd "$scratch" || exit 1
export ANSIBLE_LIBRARY=$source_dir/tools/ansible/library ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_NOCOLOR=1 ANSIBLE_HOME=$scratch/ansible LC_ALL=C.UTF-8
export PATH=${MAILCTL%/*}:$PATH

cat >site.yml <<'YAML'
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    limit: 20
  tasks:
    - name: the domain
      mailctl_record:
        kind: domain
        name: example.org
        fields: {max_mailboxes: "{{ limit }}", description: naïve}
    - name: people
      mailctl_record:
        kind: mailbox
        name: "{{ item.address }}"
        fields: "{{ item.fields }}"
      loop:
        - {address: bob@example.org, fields: {name: Bob Jones, quota: 2G}}
        - {address: ann@example.org, fields: {forward_active: true, forward_targets: [far@far.example], keep_copy: true}}
    - name: an alias, by a command
      command: mailctl alias ensure info@example.org --target bob@example.org -o json
      register: alias
      changed_when: (alias.stdout | from_json).changed
    - name: nobody any more
      mailctl_record: {kind: alias, name: old@example.org, state: absent}
YAML
play() { run "$1" ansible-playbook -i localhost, "${@:2}" site.yml; }
mailctl domain add example.org -q
mailctl alias add old@example.org --target far@far.example -q
play 0 --check
says 'changed=3 '
run 67 mailctl mailbox show bob@example.org
play 0 --diff
says 'changed=4 '
says '+ mailbox bob@example.org quota 2G'
play 0
says 'changed=0 '
run 0 mailctl mailbox show ann@example.org --fields keep_copy,forward_targets -o csv
says 'yes,far@far.example'
run 67 mailctl alias show old@example.org
sed -i 's/limit: 20/limit: 30/' site.yml
play 0 --check
says 'changed=1 '
play 0
says 'changed=1 '
run 0 mailctl domain show example.org --fields max_mailboxes,description -o csv
says '30,naïve'
sed -i 's/quota: 2G/quota: big/' site.yml
play 2
says 'quota: \"big\" is not a quota'

# ---- a name is no flag, and no field says another one
cat >bad.yml <<'YAML'
- hosts: localhost
  connection: local
  gather_facts: false
  tasks: [{mailctl_record: "{{ task }}"}]
YAML
refuses() {
    run 2 ansible-playbook -i localhost, -e "{\"task\": $1}" bad.yml
    says "$2"
}
refuses '{"kind": "mailbox", "name": "--filter=(mail=*)", "state": "absent"}' 'is no name of a mailbox'
refuses '{"kind": "mailbox", "name": "-", "state": "absent"}' 'is no name of a mailbox'
refuses '{"kind": "mailbox", "name": "bob@example.org", "fields": {"address": "ann@example.org", "active": false}}' 'address is said by the task itself'
refuses '{"kind": "alias", "name": "bob@example.org", "fields": {"kind": "mailbox", "active": false}}' 'kind is said by the task itself'
refuses '{"kind": "domain", "name": "example.net", "fields": {"domain": "example.org"}}' 'domain is said by the task itself'
run 0 mailctl mailbox show bob@example.org ann@example.org --fields active -o csv
says $'yes\nyes'
finish
