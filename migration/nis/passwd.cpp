#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include <vmail/address.hpp>
#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/layout.hpp>
#include <vmail/printable.hpp>

#include "colon_map.hpp"
#include "fields.hpp"
#include "fold.hpp"
#include "gecos.hpp"
#include "number.hpp"
#include "passwd.hpp"

namespace vmail::nis {

namespace {

struct passwd_fields {
    std::string_view login, password, uid, gid, gecos, home, shell;
    bool bsd_extras = false; ///< class, change or expire say something
};

/// 7 fields, or the 10 of BSD's master.passwd(5).
std::optional<passwd_fields> split_passwd(const fields<10>& f) {
    if (f.count == 7) return passwd_fields{f[0], f[1], f[2], f[3], f[4], f[5], f[6]};
    if (f.count != 10) return {};
    const auto says_something = [](std::string_view field) { return !field.empty() && field != "0"; };
    return passwd_fields{f[0], f[1], f[2], f[3], f[7], f[8], f[9], says_something(f[4]) || says_something(f[5]) || says_something(f[6])};
}

bool is_printable_ascii(std::string_view text) { return ascii::all_printable(text); }

bool is_simple_login(std::string_view login) {
    return !login.empty() && login.size() <= 32 && login.front() != '-' &&
           std::all_of(login.begin(), login.end(), [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
}

class passwd_reader {
public:
    passwd_reader(const options& o, ledger& lines, text_arena& texts, std::size_t expected)
        : options_(o), lines_(lines), texts_(texts), short_domain_(o.domain.text().size() < 200) {
        table_.given = true;
        table_.accounts.reserve(expected);
        table_.by_login = name_table(expected);
        uids_.reserve(expected);
    }

    void read(const colon_record& record) {
        line_ = record.line;
        std::string_view text = record.text;
        if (!ascii::is_ascii(text)) text = decoded(text);
        const auto parts = split<10>(text, ':');
        const auto f = split_passwd(parts);
        if (!f) return skip(code::field_count, parts[0], fmt::format("{} fields instead of 7 or 10", parts.count));
        account a = make_account(*f);
        if (text.data() != record.text.data()) a.password = crypt_field::parse(split<2>(record.text, ':')[1]); // its bytes stay
        if (is_acceptable(*f, a)) accept(*f, a);
    }

    passwd_table take() { return std::move(table_); }

private:
    std::string_view decoded(std::string_view text) {
        buffer_.clear();
        const decoding how = decode(text, options_.charset, buffer_);
        if (how == decoding::as_is) return text;
        if (how == decoding::converted) note(code::converted, "not UTF-8: read as --charset says");
        if (how == decoding::doubtful) note(code::doubtful, "not UTF-8, and hardly what --charset says");
        return texts_.keep(buffer_);
    }

    account make_account(const passwd_fields& f) const {
        account a;
        a.line = line_;
        a.login = f.login;
        a.local_part = f.login;
        a.password = crypt_field::parse(f.password);
        a.gecos = f.gecos;
        a.home = f.home;
        a.shell = f.shell;
        return a;
    }

    // The order decides which reason a line with several faults is given.
    bool is_acceptable(const passwd_fields& f, account& a) {
        return login_is_legal(f) && ids_are_legal(f, a) && is_user(f, a) && is_new(f) && has_home(f, a);
    }

    bool login_is_legal(const passwd_fields& f) {
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

    bool ids_are_legal(const passwd_fields& f, account& a) {
        const id_number uid = parse_id(f.uid);
        const id_number gid = parse_id(f.gid);
        using verdict = id_number::verdict;
        if (uid.what == verdict::bad) return refuse(code::bad_uid, f.login, fmt::format("the uid {} is no number of a user", quoted(f.uid)));
        if (gid.what == verdict::bad) return refuse(code::bad_gid, f.login, fmt::format("the gid {} is no number of a group", quoted(f.gid)));
        if (uid.what == verdict::negative || gid.what == verdict::negative)
            return refuse(code::system_account, f.login, fmt::format("uid {} and gid {}", printable(f.uid), printable(f.gid)));
        if (uid.what == verdict::rewritten || gid.what == verdict::rewritten)
            rewritten_ = fmt::format("uid {} and gid {} were written otherwise", uid.value, gid.value);
        else
            rewritten_.clear();
        a.uid = uid.value;
        a.gid = gid.value;
        return true;
    }

    bool is_user(const passwd_fields& f, const account& a) {
        if (a.uid >= options_.min_uid) return true;
        return refuse(code::system_account, f.login, fmt::format("uid {} is below {}", a.uid, options_.min_uid));
    }

    bool is_new(const passwd_fields& f) {
        const auto first = table_.by_login.find(f.login);
        if (!first) return true;
        const account& other = table_.accounts[*first];
        if (other.login == f.login) return refuse(code::duplicate_login, f.login, fmt::format("line {} has it already and wins", other.line));
        return refuse(code::case_collision, f.login, fmt::format("{} in line {} differs in case only and wins", quoted(other.login), other.line));
    }

    bool has_home(const passwd_fields& f, account& a) {
        if (options_.only == scope::mail) return true;
        const bool empty = trim(f.home).empty();
        const bool usable = !empty && is_printable_ascii(f.home);
        if (usable) return true;
        if (options_.default_home.empty())
            return refuse(empty ? code::no_home : code::bad_home, f.login, empty ? "no home directory" : "the home directory is not printable ASCII");
        a.home = texts_.keep(fmt::format("{}/{}", options_.default_home, f.login));
        return true;
    }

    void accept(const passwd_fields& f, account& a) {
        lines_.entry({line_, line_});
        if (!rewritten_.empty()) note(code::number_rewritten, f.login, rewritten_);
        if (a.home.data() != f.home.data()) note(code::default_home, f.login, fmt::format("home directory {}", printable(a.home)));
        if (f.bsd_extras) note(code::bsd_fields, f.login, "class, change and expire of this line are not converted");
        check_uid(a);
        check_shell(a);
        check_gecos(a);
        table_.by_login.insert(a.login, static_cast<std::uint32_t>(table_.accounts.size()));
        table_.accounts.push_back(a);
    }

    void check_uid(const account& a) {
        const auto [first, is_new] = uids_.emplace(a.uid, a.line);
        if (!is_new) note(code::duplicate_uid, a.login, fmt::format("line {} has uid {} too", first->second, a.uid));
    }

    void check_shell(account& a) {
        if (options_.only == scope::mail || is_printable_ascii(a.shell)) return;
        note(code::bad_shell, a.login, "the shell is not printable ASCII and was left out");
        a.shell = {};
    }

    void check_gecos(const account& a) {
        if (is_printable_ascii(a.gecos)) return;
        if (std::any_of(a.gecos.begin(), a.gecos.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; }))
            note(code::control_characters, a.login, "control characters in the name became blanks");
        if (options_.only != scope::mail && !ascii::is_ascii(a.gecos)) note(code::gecos_folded, a.login, fmt::format("gecos is {}", quoted(fold_text(a.gecos))));
    }

    void note(code what, std::string_view text) { lines_.note({line_, line_}, what, std::string(text)); }
    void note(code what, std::string_view login, std::string_view text) { lines_.note({line_, line_}, what, fmt::format("{}: {}", printable(login), text)); }

    void skip(code why, std::string_view login, std::string_view text) {
        lines_.skip({line_, line_}, why, fmt::format("{}: {}", login.empty() ? "(no login)" : printable(login.substr(0, 80)), text));
        if (!login.empty() && !table_.by_login.contains(login)) table_.skipped.insert(login, line_);
    }

    bool refuse(code why, std::string_view login, std::string_view text) {
        skip(why, login, text);
        return false;
    }

    const options& options_;
    ledger& lines_;
    text_arena& texts_;
    bool short_domain_;
    std::uint32_t line_ = 0;
    std::string buffer_;
    std::string rewritten_;
    std::unordered_map<std::uint32_t, std::uint32_t> uids_;
    passwd_table table_;
};

} // namespace

passwd_table read_passwd(const map_file& map, const options& o, ledger& lines, text_arena& texts) {
    passwd_reader reader(o, lines, texts, map.lines().size());
    for_each_record(map, o.form, lines, [&reader](const colon_record& record) { reader.read(record); });
    return reader.take();
}

} // namespace vmail::nis
