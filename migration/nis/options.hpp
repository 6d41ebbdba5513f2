#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <vmail/charset.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/layout.hpp>
#include <vmail/quota.hpp>
#include <vmail/timestamp.hpp>

#include "parallel.hpp"

namespace vmail::nis {

/// Whether a map is as its source file or as `ypcat -k` prints it: key, one blank, value.
enum class map_form { detect, plain, keyed };

/// Whose reading of a doubtful alias file counts.
enum class dialect {
    postfix,  ///< the first of two definitions
    sendmail, ///< the last of two definitions
};

/// How an account's address is made.
enum class address_policy { name_surname, login };

/// Where the lists of the alias map go.
enum class list_policy {
    as_aliases, ///< they are aliases like the others
    mailman,    ///< to a list server: an alias leads there, and their members are handed out
};

/// What is written.
enum class scope {
    all,  ///< mail entries that are Unix accounts too, and groups
    mail, ///< mail entries only
    unix_accounts, ///< Unix accounts and groups, no mail entries
};

/// What a conversion is busy with.
enum class stage { reading, resolving, writing };

struct options {
    options(domain_name d, vmail::site s) : domain(std::move(d)), site(std::move(s)) {}

    domain_name domain;
    vmail::site site;
    map_form form = map_form::detect;
    vmail::charset charset = vmail::charset::iso_8859_1; ///< of bytes that are not UTF-8
    nis::dialect dialect = nis::dialect::postfix;
    address_policy addresses = address_policy::name_surname;
    list_policy lists = list_policy::as_aliases;
    std::string lists_domain{}; ///< of the list server
    scope only = scope::all;
    std::uint32_t min_uid = 1;
    std::string default_home{};               ///< for accounts without one, as DIR/LOGIN; empty: they are skipped
    std::vector<std::string> local_domains{}; ///< beside the domain; a host name without a dot may be among them
    std::string include_root{};               ///< where the old server's / is; empty: :include: files are not read
    std::string forward_root{};               ///< where the old server's / is, with the homes; empty: .forward files are not looked for
    std::optional<expiry> expires{};
    std::optional<vmail::quota> quota{};
    timestamp now = timestamp::now(); ///< an end before it is told
    std::optional<timestamp> as_of{}; ///< when the conversion is said to happen; nothing: no creationDate, lastChange 0
    bool with_domain = true;          ///< write vd=DOMAIN with its postmaster and abuse
    bool with_base = false;           ///< write BASE and the container
    work_plan plan{};
    /// Told how far a stage has come, from one thread at a time. May be empty.
    std::function<void(stage, std::size_t done, std::size_t of)> progress{};
};

} // namespace vmail::nis
