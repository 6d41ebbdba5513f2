#pragma once

#include <array>
#include <string_view>

/// Every name of the directory's schema that this library uses, once. The schema files are under schema/; a test compares these with what
/// a server says that has loaded them.
namespace vmail::schema {

/// Attribute types.
namespace attr {
inline constexpr std::string_view object_class = "objectClass";
inline constexpr std::string_view cn = "cn";
inline constexpr std::string_view sn = "sn";
inline constexpr std::string_view given_name = "givenName";
inline constexpr std::string_view uid = "uid";
inline constexpr std::string_view mail = "mail";
inline constexpr std::string_view description = "description";
inline constexpr std::string_view user_password = "userPassword";
inline constexpr std::string_view clear_password = "clearPassword"; ///< never written, read or copied

inline constexpr std::string_view vd = "vd";
inline constexpr std::string_view account_active = "accountActive";
inline constexpr std::string_view delete_ = "delete";
inline constexpr std::string_view last_change = "lastChange";
inline constexpr std::string_view creation_date = "creationDate";
inline constexpr std::string_view expire_date = "expireDate";
inline constexpr std::string_view vd_home = "vdHome";
inline constexpr std::string_view mailbox = "mailbox";
inline constexpr std::string_view quota = "quota";
inline constexpr std::string_view maildrop = "maildrop";
inline constexpr std::string_view smtp_auth = "smtpAuth";
inline constexpr std::string_view mail_autoreply = "mailAutoreply";
inline constexpr std::string_view other_transport = "otherTransport";
inline constexpr std::string_view create_maildir = "createMaildir";
inline constexpr std::string_view edit_accounts = "editAccounts";
inline constexpr std::string_view edit_av = "editAV";
inline constexpr std::string_view max_domain = "maxDomain";
inline constexpr std::string_view postfix_transport = "postfixTransport";
inline constexpr std::string_view max_mail = "maxMail";
inline constexpr std::string_view max_alias = "maxAlias";
inline constexpr std::string_view max_quota = "maxQuota"; ///< MiB
inline constexpr std::string_view forward_active = "forwardActive";
inline constexpr std::string_view vacation_active = "vacationActive";
inline constexpr std::string_view vacation_forward = "vacationForward";
inline constexpr std::string_view vacation_info = "vacationInfo";
inline constexpr std::string_view vacation_subject = "vacationSubject";
inline constexpr std::string_view vacation_start = "vacationStart";
inline constexpr std::string_view vacation_end = "vacationEnd";

inline constexpr std::string_view disabled_reason = "vmailDisabledReason";
inline constexpr std::string_view disabled_by = "vmailDisabledBy";
inline constexpr std::string_view disabled_at = "vmailDisabledAt";
inline constexpr std::string_view disabled_comment = "vmailDisabledComment";
inline constexpr std::string_view removed_at = "vmailRemovedAt";
inline constexpr std::string_view may_log_in = "vmailMayLogIn";
inline constexpr std::string_view may_receive = "vmailMayReceive";
inline constexpr std::string_view reservation = "vmailReservation";
inline constexpr std::string_view default_quota = "vmailDefaultQuota";
inline constexpr std::string_view list_owner = "vmailListOwner";
inline constexpr std::string_view send_limit = "vmailSendLimit";
inline constexpr std::string_view next_uid_number = "vmailNextUidNumber";

/// Of RFC 2307.
inline constexpr std::string_view uid_number = "uidNumber";
inline constexpr std::string_view gid_number = "gidNumber";
inline constexpr std::string_view home_directory = "homeDirectory";
inline constexpr std::string_view login_shell = "loginShell";
inline constexpr std::string_view gecos = "gecos";

/// Not in our schema files: sites of the first generation bring it themselves.
inline constexpr std::string_view mailbox_expiration = "mailboxExpiration";

inline constexpr std::string_view entry_uuid = "entryUUID";
inline constexpr std::string_view create_timestamp = "createTimestamp"; // operational
inline constexpr std::string_view entry_csn = "entryCSN";
inline constexpr std::string_view creators_name = "creatorsName";

/// Of a server with slapo-ppolicy; operational, so read where they are asked for by name alone.
inline constexpr std::string_view pwd_changed_time = "pwdChangedTime";
inline constexpr std::string_view pwd_account_locked_time = "pwdAccountLockedTime";
inline constexpr std::string_view pwd_reset = "pwdReset";
} // namespace attr

/// Object classes.
namespace cls {
inline constexpr std::string_view top = "top";
inline constexpr std::string_view person = "person";
inline constexpr std::string_view organizational_person = "organizationalPerson";
inline constexpr std::string_view inet_org_person = "inetOrgPerson";
inline constexpr std::string_view account = "VirtualMailAccount";
inline constexpr std::string_view alias = "VirtualMailAlias";
inline constexpr std::string_view admin = "VirtualAdmin";
inline constexpr std::string_view organizational_unit = "organizationalUnit";
inline constexpr std::string_view domain = "VirtualDomain";
inline constexpr std::string_view backup_domain = "VirtualBackupDomain";
inline constexpr std::string_view backup_mail = "VirtualBackupMail";
inline constexpr std::string_view forward = "VirtualForward";
inline constexpr std::string_view vacation = "Vacation";
inline constexpr std::string_view state = "vmailState";
inline constexpr std::string_view bookkeeping = "vmailBookkeeping";
inline constexpr std::string_view domain_defaults = "vmailDomain";
inline constexpr std::string_view mailing_list = "vmailMailingList";
inline constexpr std::string_view numbers = "vmailNumbers";
inline constexpr std::string_view sending = "vmailSending";
inline constexpr std::string_view posix_account = "posixAccount";
} // namespace cls

/// The one address of a domain whose entry is named `cn=postmaster`, not `mail=postmaster@DOMAIN`.
inline constexpr std::string_view postmaster = "postmaster";

/// The names of Phamm's own files that the library cannot do without.
inline constexpr std::array required_attributes = {
    attr::vd, attr::account_active, attr::delete_, attr::last_change, attr::creation_date, attr::expire_date, attr::vd_home, attr::mailbox, attr::quota,
    attr::maildrop, attr::smtp_auth, attr::mail_autoreply, attr::other_transport, attr::create_maildir, attr::edit_accounts, attr::edit_av,
    attr::postfix_transport, attr::max_domain, attr::max_mail, attr::max_alias, attr::max_quota, attr::forward_active, attr::vacation_active, attr::vacation_info,
    attr::vacation_subject, attr::vacation_start, attr::vacation_end};
inline constexpr std::array required_classes = {cls::account, cls::admin, cls::alias, cls::domain, cls::forward, cls::vacation};

/// The names of vmail.schema that tell the state of an account: what needs them does without where the server does not have them, and says so.
inline constexpr std::array own_attributes = {attr::disabled_reason, attr::disabled_by, attr::disabled_at, attr::disabled_comment, attr::removed_at,
                                              attr::may_log_in, attr::may_receive};
inline constexpr std::array own_classes = {cls::state};

/// The names of vmail.schema for what is under way. An entry has them until the change of several steps is done, and no entity models them.
inline constexpr std::array bookkeeping_attributes = {attr::reservation};
inline constexpr std::array bookkeeping_classes = {cls::bookkeeping};

/// The names of vmail.schema for what a domain gives to its mailboxes.
inline constexpr std::array default_attributes = {attr::default_quota};
inline constexpr std::array default_classes = {cls::domain_defaults};

/// The names of vmail.schema for how much may be sent, on mailboxes and domains.
inline constexpr std::array sending_attributes = {attr::send_limit};
inline constexpr std::array sending_classes = {cls::sending};

/// The names of vmail.schema for mailing lists, on their public addresses.
inline constexpr std::array list_attributes = {attr::list_owner};
inline constexpr std::array list_classes = {cls::mailing_list};

/// The names of vmail.schema for what numbers were given, on o=hosting.
inline constexpr std::array number_attributes = {attr::next_uid_number};
inline constexpr std::array number_classes = {cls::numbers};

} // namespace vmail::schema
