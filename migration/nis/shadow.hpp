#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

#include "crypt_field.hpp"
#include "ledger.hpp"
#include "map_file.hpp"
#include "options.hpp"
#include "page_allocator.hpp"
#include "passwd.hpp"

namespace vmail::nis {

/// The numbers of shadow(5), in its order, and the attributes of shadowAccount that hold them (RFC 2307).
inline constexpr std::array<std::string_view, 7> shadow_attributes = {"shadowLastChange", "shadowMin",    "shadowMax", "shadowWarning",
                                                                      "shadowInactive",   "shadowExpire", "shadowFlag"};
inline constexpr std::size_t shadow_expire = 5;
inline constexpr std::int64_t no_age = std::numeric_limits<std::int64_t>::min();

struct shadow_record {
    std::uint32_t line = 0;
    crypt_field password{};
    std::array<std::int64_t, shadow_attributes.size()> ages{}; ///< no_age: absent
};

using shadow_table = page_vector<shadow_record>;

/// Reads shadow, or passwd.adjunct (SunOS), of which the hash alone is kept. The lines are read in pieces, which may be done side by side; whose they are is
/// found out at the end.
class shadow_reader {
public:
    enum class kind { shadow, adjunct };

    /// The map and the options must outlive it.
    shadow_reader(const map_file& map, const options& o, kind what);
    shadow_reader(const shadow_reader&) = delete;
    shadow_reader& operator=(const shadow_reader&) = delete;
    ~shadow_reader();

    std::size_t pieces() const noexcept;
    void read_piece(std::size_t piece);

    /// Gives each account its record. To be called once, when all pieces are read.
    shadow_table finish(passwd_table& users, ledger& lines);

private:
    struct state;
    std::unique_ptr<state> state_;
};

/// A map of hashes and where to report what is found in it.
struct hash_map {
    const shadow_table* records = nullptr; ///< null: not given
    ledger* lines = nullptr;
};

/// Makes account::password the one that counts: of shadow, of adjunct for what points there ("##login"), or of passwd itself.
void choose_passwords(passwd_table& users, ledger& passwd_lines, const hash_map& shadow, const hash_map& adjunct);

} // namespace vmail::nis
