#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

#include "crypt_field.hpp"
#include "ledger.hpp"
#include "map_file.hpp"
#include "name_table.hpp"
#include "options.hpp"
#include "page_allocator.hpp"
#include "text_arena.hpp"

namespace vmail::nis {

inline constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

/// An account that will be written. What it points to lives in the map or in the arena.
struct account {
    std::uint32_t line = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t shadow = none;  ///< index of its shadow record
    std::uint32_t adjunct = none; ///< index of its passwd.adjunct record
    std::uint32_t forward = none; ///< index of the alias that is its forward
    std::string_view login;
    std::string_view gecos; ///< UTF-8
    std::string_view home;
    std::string_view shell;
    crypt_field password{};             ///< of passwd; after choose_passwords() the one that counts
    std::string_view local_part;        ///< of its address; the login until addresses are given
    std::string_view wished_local_part; ///< Name.Surname, where the policy asks for it and the name gives one
};

struct passwd_table {
    page_vector<account> accounts; ///< in the order of the map
    name_table by_login;           ///< index into accounts
    name_table skipped;            ///< logins without an account, with their line
    bool given = false;
};

/// Reads passwd: each record becomes an account or is skipped. The lines are read in pieces, which may be done side by side; what depends on the lines above
/// is left to the end.
class passwd_reader {
public:
    /// The map and the options must outlive it.
    passwd_reader(const map_file& map, const options& o);
    passwd_reader(const passwd_reader&) = delete;
    passwd_reader& operator=(const passwd_reader&) = delete;
    ~passwd_reader();

    std::size_t pieces() const noexcept;
    void read_piece(std::size_t piece);

    /// To be called once, when all pieces are read.
    passwd_table finish(ledger& lines, text_arena& texts);

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace vmail::nis
