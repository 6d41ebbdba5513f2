#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "colon_map.hpp"
#include "ledger.hpp"
#include "options.hpp"
#include "passwd.hpp"
#include "text_arena.hpp"

namespace vmail::nis {

struct passwd_fields;

/// An account as its own line has it. Whether it is one is not known before all lines above it are.
struct candidate {
    nis::account account;
    std::uint64_t hash = 0;  ///< hash_name() of the login
    std::uint32_t held = 0;  ///< so many findings are held until it is known
    bool is_refused = false; ///< the last of them is the reason why it is none after all
};

/// Reads lines of a part of passwd, each by itself.
class passwd_line_reader {
public:
    /// What it points to must outlive it.
    passwd_line_reader(const options& o, ledger& lines, text_arena& texts);

    void read(const colon_record& record);

    page_vector<candidate> candidates;
    std::vector<finding> held;                                       ///< of all candidates, in their order
    std::vector<std::pair<std::string_view, std::uint32_t>> skipped; ///< logins and lines

private:
    std::string_view decoded(std::string_view text);
    bool login_is_legal(const passwd_fields& f);
    bool ids_are_legal(const passwd_fields& f, account& a);
    void check_home(const passwd_fields& f, candidate& c);
    void check_shell(candidate& c);
    void check_gecos(candidate& c);
    void wish_address(account& a);
    void skip(code why, std::string_view login, std::string_view text);
    bool refuse(code why, std::string_view login, std::string_view text);
    void hold(candidate& c, code what, std::string_view text);

    const options& options_;
    ledger& lines_;
    text_arena& texts_;
    bool short_domain_;
    std::uint32_t line_ = 0;
    bool ids_were_rewritten_ = false;
    std::string buffer_;
};

} // namespace vmail::nis
