#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/printable.hpp>
#include <vmail/utf8.hpp>

#include <vmail/layout.hpp>
#include <vmail/naming.hpp>
#include <vmail/password.hpp>
#include <vmail/quota.hpp>
#include <vmail/schema.hpp>
#include <vmail/send_limits.hpp>
#include <vmail/timestamp.hpp>

/// How the members of entities become values of attributes and back. Internal to the entities; rows of field.hpp name them.
///
/// read() takes at least one value and throws invalid_value when it makes no sense. write() says what is to become of the attribute beside what the
/// entry holds.
namespace vmail::codec {

using values = std::vector<std::string>;

inline values of(std::string value) {
    values one;
    one.push_back(std::move(value));
    return one;
}

/// What is to become of an attribute: it holds these values and no others, it is absent, or it is left as it is.
class written {
public:
    static written store(values v) { return written(std::move(v)); } ///< no values: absent
    static written store(std::string value) { return written(of(std::move(value))); }
    static written absent() { return written(values{}); }
    static written leave() { return written(std::nullopt); }

    bool leaves() const noexcept { return !values_; }
    bool stores() const noexcept { return values_ && !values_->empty(); }
    values take() && { return values_ ? *std::move(values_) : values{}; }
    bool operator==(const written&) const = default;

private:
    explicit written(std::optional<values> v) : values_(std::move(v)) {}
    std::optional<values> values_;
};

inline const std::string& only(const values& v) {
    if (v.size() > 1) throw invalid_value("it has " + std::to_string(v.size()) + " values where one is expected");
    return v.front();
}

inline void check_utf8(std::string_view text) {
    if (!utf8::is_valid(text)) throw invalid_value(vmail::quoted(text) + " is not UTF-8");
}

inline void check_ascii(std::string_view text) {
    if (!ascii::is_ascii(text)) throw invalid_value(vmail::quoted(text) + " has characters outside ASCII, which this attribute cannot hold");
}

/// Directory strings and octet strings.
struct text {
    static void read(std::string& field, const values& v, const ldap::entry&, const site&) {
        check_utf8(v.front());
        field = v.front();
    }
    static written write(const std::string& field, const ldap::entry&, const site&) {
        check_utf8(field);
        return field.empty() ? written::absent() : written::store(field);
    }
};

inline bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

inline void check_no_control(const values& v, std::string_view allowed) {
    for (const std::string& value : v)
        if (std::any_of(value.begin(), value.end(), [&](char c) { return is_control(c) && allowed.find(c) == std::string_view::npos; }))
            throw invalid_value(vmail::quoted(value) + (allowed.empty() ? " has a line break or another control character" : " has a control character that is no part of text"));
}

/// Bytes: more than any person writes into one line.
inline constexpr std::size_t most_in_line = 1024;

/// What is stored is read again by every daemon that asks for the entry.
inline void check_size(const values& v, std::size_t most) {
    for (const std::string& value : v)
        if (value.size() > most) throw invalid_value("it has " + std::to_string(value.size()) + " bytes, and may have " + std::to_string(most));
}

/// Directory strings that end up in one line: of a header, a list, a file of another program.
struct line : text {
    static void check(const values& v) {
        check_no_control(v, "");
        check_size(v, most_in_line);
    }
};

/// IA5 strings.
struct ascii_text {
    static void check(const values& v) { check_no_control(v, ""); }
    static void read(std::string& field, const values& v, const ldap::entry&, const site&) {
        check_ascii(only(v));
        field = v.front();
    }
    static written write(const std::string& field, const ldap::entry&, const site&) {
        check_ascii(field);
        return field.empty() ? written::absent() : written::store(field);
    }
};

/// cn: of an entry that is named by it (cn=postmaster) the value that is not the name, if there is one.
struct common_name {
    static void read(std::string& field, const values& v, const ldap::entry& e, const site& s) {
        const std::optional<std::string> name = naming::rdn_value(e, schema::attr::cn);
        const auto other = std::find_if(v.begin(), v.end(), [&](const std::string& value) { return !name || !ascii::iequals(value, *name); });
        text::read(field, other == v.end() ? v : of(*other), e, s);
    }
    static written write(const std::string& field, const ldap::entry& e, const site& s) { return text::write(field, e, s); }
    static void check(const values& v) { line::check(v); }
};

struct flag {
    static void read(bool& field, const values& v, const ldap::entry&, const site&) {
        const std::string& value = only(v);
        if (!ascii::iequals(value, "TRUE") && !ascii::iequals(value, "FALSE"))
            throw invalid_value(vmail::quoted(value) + " is neither TRUE nor FALSE");
        field = ascii::iequals(value, "TRUE");
    }
    static written write(bool field, const ldap::entry&, const site&) { return written::store(field ? "TRUE" : "FALSE"); }
};

/// For what the daemons' filters shut out by FALSE alone. Absent is on, and so it is written, unless TRUE is there.
struct on_unless_false {
    static void read(bool& field, const values& v, const ldap::entry& e, const site& s) { flag::read(field, v, e, s); }
    static written write(bool field, const ldap::entry&, const site&) { return field ? written::absent() : written::store("FALSE"); }
};

/// YYYYMMDDhhmmss, UTC.
struct digits {
    static void read(std::optional<timestamp>& field, const values& v, const ldap::entry&, const site&) { field = timestamp::parse_digits(only(v)); }
    static written write(const std::optional<timestamp>& field, const ldap::entry&, const site&) {
        return field ? written::store(field->digits()) : written::absent();
    }
};

struct generalized_time {
    static void read(std::optional<timestamp>& field, const values& v, const ldap::entry&, const site&) {
        field = timestamp::parse_generalized(only(v));
    }
    static written write(const std::optional<timestamp>& field, const ldap::entry&, const site&) {
        return field ? written::store(field->generalized()) : written::absent();
    }
};

/// Seconds since 1970. Never written: it is the mark of a write, not of what the entry says.
struct last_change {
    static void read(std::optional<timestamp>& field, const values& v, const ldap::entry&, const site&) {
        const std::string& value = only(v);
        std::int64_t seconds = 0;
        const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), seconds);
        if (fault != std::errc() || end != value.data() + value.size() || seconds < 0)
            throw invalid_value(vmail::quoted(value) + " is not a number of seconds since 1970");
        field = timestamp::from_epoch(seconds);
    }
    static written write(const std::optional<timestamp>&, const ldap::entry&, const site&) { return written::leave(); }
};

/// Readers of a tree understand one dialect: the one of the value that is there.
template <const std::string_view& Attribute> struct quota_value {
    static void read(std::optional<quota>& field, const values& v, const ldap::entry&, const site&) { field = quota::from_attribute(only(v)); }
    static written write(const std::optional<quota>& field, const ldap::entry& e, const site& s) {
        return field ? written::store(field->to_attribute(dialect(*field, e, s))) : written::absent();
    }

private:
    static quota_dialect dialect(const quota& q, const ldap::entry& e, const site& s) {
        const std::string present = e.first(Attribute).value_or("");
        if (ascii::is_digits(present)) return q.messages() ? s.quota_dialect : quota_dialect::plain;
        return present.ends_with('S') || present.ends_with('C') ? quota_dialect::maildir : s.quota_dialect;
    }
};

/// Of a domain, where no limit is no value; of a mailbox that is those of its domain.
struct send_limits_value {
    static void read(send_limits& field, const values& v, const ldap::entry&, const site&) { field = send_limits::from_attribute(v); }
    static void read(std::optional<send_limits>& field, const values& v, const ldap::entry&, const site&) { field = send_limits::from_attribute(v); }
    static written write(const send_limits& field, const ldap::entry&, const site&) { return field.unlimited() ? written::absent() : written::store(field.to_attribute()); }
    static written write(const std::optional<send_limits>& field, const ldap::entry&, const site&) { return field ? written::store(field->to_attribute()) : written::absent(); }
};

/// userPassword. No value is no statement: the reader may just not be allowed to see it.
struct hash {
    static void read(std::optional<password_hash>& field, const values& v, const ldap::entry&, const site&) {
        field = password_hash::from_attribute(v.front());
    }
    static written write(const std::optional<password_hash>& field, const ldap::entry&, const site&) {
        if (!field) return written::leave();
        return written::store(field->to_attribute());
    }
};

struct expire_date {
    static void read(std::optional<expiry>& field, const values& v, const ldap::entry&, const site& s) {
        if (s.expiry_storage == expiry_storage::expire_date) field = expiry::from_attribute(only(v));
    }
    static written write(const std::optional<expiry>& field, const ldap::entry&, const site& s) {
        if (s.expiry_storage != expiry_storage::expire_date) return written::leave();
        return field ? written::store(field->to_attribute()) : written::absent();
    }
};

struct mailbox_expiration {
    static void read(std::optional<expiry>& field, const values& v, const ldap::entry&, const site& s) {
        if (s.expiry_storage == expiry_storage::mailbox_expiration) field = expiry::from_days(only(v), s.zone);
    }
    static written write(const std::optional<expiry>& field, const ldap::entry&, const site& s) {
        if (s.expiry_storage != expiry_storage::mailbox_expiration) return written::leave();
        return field ? written::store(field->to_days(s.zone)) : written::absent();
    }
};

/// mail: the address in the entry's name, which is known before. Its spelling there is kept.
template <typename Address> struct own_address {
    static void read(const Address& field, const values& v, const ldap::entry&, const site&) {
        if (v.size() > 1)
            throw invalid_value("it has " + std::to_string(v.size()) + " values; an entry is one address, and a mailbox with more gets each message as often");
        if (Address::parse(v.front()) != field) throw invalid_value(vmail::quoted(v.front()) + " is not the address that the entry is named after");
    }
    static written write(const Address& field, const ldap::entry& e, const site&) { return written::store(naming::spelling<Address>(e, field)); }
};

/// maildrop. A target that is there keeps its spelling, and so does a value that is no target until its problem is forgotten.
struct targets {
    static void read(std::vector<maildrop>& field, const values& v, const ldap::entry&, const site&) {
        std::optional<std::string> fault;
        std::set<std::string> seen;
        field.clear();
        for (const std::string& value : v) {
            try {
                const maildrop target = maildrop::from_attribute(value);
                if (seen.insert(target.key()).second) field.push_back(target);
            } catch (const invalid_value& e) {
                if (!fault) fault = e.what();
            }
        }
        if (fault) throw invalid_value(*fault);
    }

    static written write(const std::vector<maildrop>& field, const ldap::entry& e, const site&) {
        std::set<std::string> missing;
        for (const maildrop& target : field) missing.insert(target.key());
        values result;
        if (const values* const present = e.find(schema::attr::maildrop))
            for (const std::string& value : *present)
                if (!is_target(value) || missing.erase(ascii::to_lower(value)) > 0) result.push_back(value);
        for (const maildrop& target : field)
            if (missing.erase(target.key()) > 0) result.push_back(target.text());
        return written::store(std::move(result));
    }

private:
    static bool is_target(const std::string& value) {
        try {
            maildrop::from_attribute(value);
            return true;
        } catch (const invalid_value&) {
            return false;
        }
    }
};

/// vmailListOwner.
struct list_owners {
    static void read(std::vector<maildrop>& field, const values& v, const ldap::entry& e, const site& s) { targets::read(field, v, e, s); }
    static written write(const std::vector<maildrop>& field, const ldap::entry&, const site&) {
        values texts;
        for (const maildrop& owner : field) texts.push_back(owner.text());
        return written::store(std::move(texts));
    }
};

} // namespace vmail::codec
