#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <vmail/address.hpp>
#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/fold.hpp>
#include <vmail/layout.hpp>
#include <vmail/printable.hpp>

#include "addresses.hpp"
#include "fields.hpp"
#include "gecos.hpp"
#include "hidden_hashes.hpp"
#include "name_table.hpp"
#include "number.hpp"
#include "passwd_line.hpp"

namespace vmail::nis {

struct passwd_fields {
    std::string_view login, password, uid, gid, gecos, home, shell;
    bool bsd_extras = false; ///< class, change or expire say something
};

namespace {

/// 7 fields, or the 10 of BSD's master.passwd(5).
std::optional<passwd_fields> split_passwd(const fields<10>& f) {
    if (f.count == 7) return passwd_fields{f[0], f[1], f[2], f[3], f[4], f[5], f[6]};
    if (f.count != 10) return {};
    const auto says_something = [](std::string_view field) { return !field.empty() && field != "0"; };
    return passwd_fields{f[0], f[1], f[2], f[3], f[7], f[8], f[9], says_something(f[4]) || says_something(f[5]) || says_something(f[6])};
}

bool is_simple_login(std::string_view login) {
    return !login.empty() && login.size() <= 32 && login.front() != '-' &&
           std::all_of(login.begin(), login.end(), [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
}

} // namespace

passwd_line_reader::passwd_line_reader(const options& o, ledger& lines, text_arena& texts)
    : options_(o), lines_(lines), texts_(texts), short_domain_(o.domain.text().size() < 200) {}

// The order decides which reason a line with several faults is given.
void passwd_line_reader::read(const colon_record& record) {
    line_ = record.line;
    std::string_view text = record.text;
    if (!ascii::is_ascii(text)) text = decoded(text);
    const auto parts = split<10>(text, ':');
    const auto f = split_passwd(parts);
    if (!f) return skip(code::field_count, parts[0], fmt::format("{} fields instead of 7 or 10", parts.count));
    if (!login_is_legal(*f)) return;
    candidate& c = candidates.emplace_back();
    account& a = c.account;
    if (!ids_are_legal(*f, a)) return candidates.pop_back();
    a.line = line_;
    a.login = a.local_part = f->login;
    a.gecos = f->gecos;
    a.home = f->home;
    a.shell = f->shell;
    // Its bytes stay, also where the line was decoded.
    a.password = crypt_field::parse(text.data() == record.text.data() ? f->password : split<2>(record.text, ':')[1]);
    c.hash = hash_name(a.login);
    if (ids_were_rewritten_) hold(c, code::number_rewritten, fmt::format("uid {} and gid {} were written otherwise", a.uid, a.gid));
    check_home(*f, c);
    if (c.is_refused) return;
    if (f->bsd_extras) hold(c, code::bsd_fields, "class, change and expire of this line are not converted");
    check_shell(c);
    check_gecos(c);
    if (options_.addresses == address_policy::name_surname) wish_address(a);
}

std::string_view passwd_line_reader::decoded(std::string_view text) {
    const auto note = [this](code what, std::string_view why) { lines_.note({line_, line_}, what, std::string(why)); };
    buffer_.clear();
    const decoding how = decode(text, options_.charset, buffer_);
    if (how == decoding::as_is) return text;
    if (how == decoding::converted) note(code::converted, "not UTF-8: read as --charset says");
    if (how == decoding::doubtful) note(code::doubtful, "not UTF-8, and hardly what --charset says");
    return texts_.keep(buffer_);
}

bool passwd_line_reader::login_is_legal(const passwd_fields& f) {
    if (f.login.empty()) return refuse(code::bad_login, f.login, "the login is empty");
    if (is_simple_login(f.login) && short_domain_) return true;
    try {
        if (f.login.front() != '"') {
            maildir_path(address::make(f.login, options_.domain));
            return true;
        }
    } catch (const invalid_value&) {
        // Said below, in the words of this map.
    }
    return refuse(code::bad_login, f.login, "the login cannot be a local part and a folder");
}

bool passwd_line_reader::ids_are_legal(const passwd_fields& f, account& a) {
    using verdict = id_number::verdict;
    const id_number uid = parse_id(f.uid);
    const id_number gid = parse_id(f.gid);
    if (uid.what == verdict::bad) return refuse(code::bad_uid, f.login, fmt::format("the uid {} is no number of a user", shown_quoted(f.uid)));
    if (gid.what == verdict::bad) return refuse(code::bad_gid, f.login, fmt::format("the gid {} is no number of a group", shown_quoted(f.gid)));
    if (uid.what == verdict::negative || gid.what == verdict::negative)
        return refuse(code::system_account, f.login, fmt::format("uid {} and gid {}", printable(f.uid), printable(f.gid)));
    ids_were_rewritten_ = uid.what == verdict::rewritten || gid.what == verdict::rewritten;
    a.uid = uid.value;
    a.gid = gid.value;
    if (a.uid >= options_.min_uid) return true;
    return refuse(code::system_account, f.login, fmt::format("uid {} is below {}", a.uid, options_.min_uid));
}

void passwd_line_reader::check_home(const passwd_fields& f, candidate& c) {
    if (options_.only == scope::mail) return;
    const bool empty = trim(f.home).empty();
    if (!empty && ascii::all_printable(f.home)) return;
    if (options_.default_home.empty()) {
        c.is_refused = true;
        skipped.emplace_back(f.login, line_);
        hold(c, empty ? code::no_home : code::bad_home, empty ? "no home directory" : "the home directory is not printable ASCII");
        return;
    }
    c.account.home = texts_.keep(fmt::format("{}/{}", options_.default_home, f.login));
    hold(c, code::default_home, fmt::format("home directory {}", printable(c.account.home)));
}

void passwd_line_reader::check_shell(candidate& c) {
    if (options_.only == scope::mail || ascii::all_printable(c.account.shell)) return;
    hold(c, code::bad_shell, "the shell is not printable ASCII and was left out");
    c.account.shell = {};
}

void passwd_line_reader::check_gecos(candidate& c) {
    const std::string_view gecos = c.account.gecos;
    if (ascii::all_printable(gecos)) return;
    if (std::any_of(gecos.begin(), gecos.end(), [](char b) { return static_cast<unsigned char>(b) < ' ' || b == '\x7F'; }))
        hold(c, code::control_characters, "control characters in the name became blanks");
    if (options_.only != scope::mail && !ascii::is_ascii(gecos)) hold(c, code::gecos_folded, fmt::format("gecos is {}", quoted(fold_text(gecos))));
}

void passwd_line_reader::wish_address(account& a) {
    buffer_.clear();
    append_name_surname(person(a.gecos, a.login), buffer_);
    a.wished_local_part = texts_.keep(buffer_);
}

void passwd_line_reader::skip(code why, std::string_view login, std::string_view text) {
    lines_.skip({line_, line_}, why, fmt::format("{}: {}", login.empty() ? "(no login)" : shown(login), text));
    if (!login.empty()) skipped.emplace_back(login, line_);
}

bool passwd_line_reader::refuse(code why, std::string_view login, std::string_view text) {
    skip(why, login, text);
    return false;
}

void passwd_line_reader::hold(candidate& c, code what, std::string_view text) {
    held.push_back({{line_, line_}, what, fmt::format("{}: {}", printable(c.account.login.substr(0, 80)), text)});
    ++c.held;
}

} // namespace vmail::nis
