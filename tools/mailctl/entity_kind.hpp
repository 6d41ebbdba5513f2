#pragma once

#include <string>
#include <string_view>

#include <vmail/admin.hpp>
#include <vmail/alias.hpp>
#include <vmail/backup.hpp>
#include <vmail/directory.hpp>
#include <vmail/domain.hpp>
#include <vmail/error.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/mailing_list.hpp>
#include <vmail/schema.hpp>

namespace vmail::tools {

/// What the verbs that mean the same on every noun need to know of a noun.
template <typename Entity>
struct entity_kind;

template <>
struct entity_kind<domain> {
    static constexpr std::string_view noun = "domain";
    static constexpr std::string_view plural = "domains";
    static constexpr std::string_view object_class = schema::cls::domain;
    static constexpr std::string_view field = "domain";
    static constexpr std::string_view example = "example.org";
    static constexpr bool can_be_marked = true;        ///< removal is a mark first
    static constexpr bool disabling_is_drastic = true; ///< many people notice

    static domain_name parse(const std::string& text) { return domain_name::parse(text); }
    static std::string name(const domain& d) { return d.name.text(); }
};

template <>
struct entity_kind<mailbox> {
    static constexpr std::string_view noun = "mailbox";
    static constexpr std::string_view plural = "mailboxes";
    static constexpr std::string_view object_class = schema::cls::account;
    static constexpr std::string_view field = "address";
    static constexpr std::string_view example = "bob@example.org";
    static constexpr bool can_be_marked = true;
    static constexpr bool disabling_is_drastic = false;

    static address parse(const std::string& text) { return address::parse(text); }
    static std::string name(const mailbox& m) { return m.address.text(); }
};

template <>
struct entity_kind<alias> {
    static constexpr std::string_view noun = "alias";
    static constexpr std::string_view plural = "aliases";
    static constexpr std::string_view object_class = schema::cls::alias;
    static constexpr std::string_view field = "address";
    static constexpr std::string_view example = "info@example.org";
    static constexpr bool can_be_marked = false;
    static constexpr bool disabling_is_drastic = false;

    static alias_address parse(const std::string& text) { return alias_address::parse(text); }
    static std::string name(const alias& a) { return a.address.text(); }
};

template <>
struct entity_kind<backup_domain> {
    static constexpr std::string_view noun = "backup-domain";
    static constexpr std::string_view plural = "backup domains";
    static constexpr std::string_view object_class = schema::cls::backup_domain;
    static constexpr std::string_view field = "domain";
    static constexpr std::string_view example = "example.net";
    static constexpr bool can_be_marked = false;
    static constexpr bool disabling_is_drastic = true;

    static domain_name parse(const std::string& text) { return domain_name::parse(text); }
    static std::string name(const backup_domain& d) { return d.name.text(); }
};

template <>
struct entity_kind<backup_mail> {
    static constexpr std::string_view noun = "backup-mail";
    static constexpr std::string_view plural = "addresses of backup domains";
    static constexpr std::string_view object_class = schema::cls::backup_mail;
    static constexpr std::string_view field = "address";
    static constexpr std::string_view example = "ann@example.net";
    static constexpr bool can_be_marked = false;
    static constexpr bool disabling_is_drastic = false;

    static alias_address parse(const std::string& text) { return alias_address::parse(text); }
    static std::string name(const backup_mail& m) { return m.address.text(); }
};

template <>
struct entity_kind<mailing_list> {
    static constexpr std::string_view noun = "mailinglist";
    static constexpr std::string_view plural = "mailing lists";
    static constexpr std::string_view object_class = schema::cls::alias;
    static constexpr std::string_view field = "address";
    static constexpr std::string_view example = "staff@example.org";
    static constexpr bool can_be_marked = false;
    static constexpr bool disabling_is_drastic = false;

    static address parse(const std::string& text) { return address::parse(text); }
    static std::string name(const mailing_list& l) { return l.address.text(); }
};

template <>
struct entity_kind<admin> {
    static constexpr std::string_view noun = "admin";
    static constexpr std::string_view plural = "administrators";
    static constexpr std::string_view object_class = schema::cls::admin;
    static constexpr std::string_view field = "name";
    static constexpr std::string_view example = "matrix";
    static constexpr bool can_be_marked = false;
    static constexpr bool disabling_is_drastic = false;

    static admin_name parse(const std::string& text) { return admin_name::parse(text); }
    static std::string name(const admin& a) { return a.name.text(); }
};

/// One that is not marked as removed: to all verbs but those that bring it back or take it away, such a one is gone.
template <typename Entity>
const stored<Entity>& require_present(const stored<Entity>& found) {
    using kind = entity_kind<Entity>;
    if (!found->removed) return found;
    const auto text = kind::name(found.value);
    throw not_found(
        "there is no " + std::string(kind::noun) + " " + text + ": it is marked as removed",
        {.dn = found.source.dn().text(),
         .hint = "\"mailctl " + std::string(kind::noun) + " restore " + text + "\" brings it back, \"remove --now\" takes it away for good"});
}

} // namespace vmail::tools
