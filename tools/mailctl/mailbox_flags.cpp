#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "command.hpp"
#include "mailbox_flags.hpp"
#include "other_attributes.hpp"
#include "words.hpp"

namespace vmail::tools {

void add_mailbox_flags(CLI::App& verb, mailbox_flags& flags) {
    verb.add_option("--name", flags.name, "full name")->type_name("TEXT");
    verb.add_option("--surname", flags.surname, "if it is not the last word of the name")->type_name("TEXT");
    verb.add_option("--given-name", flags.given_name, "first name")->type_name("TEXT");
    verb.add_option("--description", flags.description, "for people")->type_name("TEXT");
    add_other_attributes_flag(verb, flags.other);
    verb.add_option("--quota", flags.quota, "2G, 500M, none, or domain for what its domain gives")->type_name("SIZE");
    verb.add_option("--expires", flags.expires, "the last day, 2026-12-31 or +6m, or never")->type_name("DATE");
    verb.add_option("--path", flags.path, "folder of the mail below mail-home, \"example.org/bob/\"; without it one that nobody has or had")->type_name("PATH");
    add_switch(verb, "--smtp-auth", "--no-smtp-auth", flags.smtp_auth, "may send mail through SMTP AUTH");
    add_switch(verb, "--login", "--no-login", flags.login, "may log in to read, over IMAP and POP3");
    add_switch(verb, "--receive", "--no-receive", flags.receive, "gets mail, itself or forwarded");
    verb.add_option("--send-limit", flags.send_limit, "recipients in a time: 200/1h, 200/1h,1000/1d, none, or domain for that of its domain")->type_name("LIMIT");
}

mailbox_changes::mailbox_changes(const mailbox_flags& flags, const time_zone& zone) : flags_(flags) {
    if (flags.quota) quota_ = parse_quota(*flags.quota);
    other_ = parse_other_attributes(flags.other);
    if (flags.send_limit) send_limits_ = parse_send_limits(*flags.send_limit);
    if (flags.expires) expires_ = parse_expiry(*flags.expires, zone);
}

bool mailbox_changes::empty() const noexcept {
    return !flags_.name && !flags_.surname && !flags_.given_name && !flags_.description && flags_.other.empty() && !flags_.quota && !flags_.expires && !flags_.smtp_auth && !flags_.login && !flags_.receive && !flags_.path && !flags_.send_limit;
}

void mailbox_changes::apply(mailbox& m) const {
    if (flags_.name) m.set_name(*flags_.name);
    if (flags_.surname) m.surname = *flags_.surname;
    if (flags_.given_name) m.given_name = *flags_.given_name;
    if (flags_.description) m.description = *flags_.description;
    m.other = other_;
    if (flags_.quota) m.quota = quota_;
    if (flags_.smtp_auth) m.smtp_auth = *flags_.smtp_auth;
    if (flags_.login) m.may_log_in = *flags_.login;
    if (flags_.receive) m.may_receive = *flags_.receive;
    if (flags_.send_limit) m.send_limits = send_limits_;
    if (flags_.path) m.path = *flags_.path;
}

} // namespace vmail::tools
