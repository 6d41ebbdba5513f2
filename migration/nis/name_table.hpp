#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include <vmail/ascii.hpp>

#include "page_allocator.hpp"

namespace vmail::nis {

/// Equal for names that differ in ASCII case only. Eight bytes at a time; for tables in memory, never for storage.
inline std::uint64_t hash_name(std::string_view name) noexcept {
    constexpr std::uint64_t lower = 0x2020202020202020U; // folds a few other bytes too, which costs a comparison and no more
    constexpr std::uint64_t odd = 0x9E3779B97F4A7C15U;
    std::uint64_t hash = name.size() * odd;
    const auto mix = [&hash](std::uint64_t word) {
        hash = (hash ^ word) * 0xD6E8FEB86659FD93U;
        hash ^= hash >> 32U;
    };
    std::uint64_t word = 0;
    const char* at = name.data();
    std::size_t left = name.size();
    for (; left >= sizeof word; at += sizeof word, left -= sizeof word) {
        std::memcpy(&word, at, sizeof word);
        mix(word | lower);
    }
    word = 0;
    for (std::size_t i = 0; i < left; ++i) word = (word << 8U) | static_cast<unsigned char>(at[i]);
    mix(word | lower);
    return hash * odd;
}

/// Names without regard to ASCII case, each with a number. The names are not copied: what they point to must outlive the table.
/// Open addressing, 8 bytes a slot, at most half full, and 24 bytes a name: a million names are looked up in this one structure several times over, and
/// nearly every look is a miss of the processor's caches. Who has many to look up hashes them first and prefetches.
class name_table {
public:
    explicit name_table(std::size_t expected = 0) { reserve(expected); }

    /// Room for so many names in all.
    void reserve(std::size_t names) {
        if (names * 2 + 2 > slots_.size()) rebuild(names);
        entries_.reserve(names);
    }

    /// The number that the name has now: the given one, or the one it had before.
    std::uint32_t insert(std::string_view name, std::uint32_t number) { return insert(name, hash_name(name), number); }
    std::uint32_t insert(std::string_view name, std::uint64_t hash, std::uint32_t number) {
        if ((entries_.size() + 1) * 2 > slots_.size()) rebuild(entries_.size() + 1);
        slot& s = slots_[place(name, hash)];
        if (s.entry != 0) return entries_[s.entry - 1].number;
        entries_.push_back({name, number});
        s = {tag(hash), static_cast<std::uint32_t>(entries_.size())};
        return number;
    }

    void replace(std::string_view name, std::uint32_t number) {
        insert(name, number);
        const std::uint64_t hash = hash_name(name);
        entries_[slots_[place(name, hash)].entry - 1].number = number;
    }

    std::optional<std::uint32_t> find(std::string_view name) const noexcept { return find(name, hash_name(name)); }
    std::optional<std::uint32_t> find(std::string_view name, std::uint64_t hash) const noexcept {
        const slot& s = slots_[place(name, hash)];
        return s.entry != 0 ? std::optional(entries_[s.entry - 1].number) : std::nullopt;
    }

    bool contains(std::string_view name) const noexcept { return contains(name, hash_name(name)); }
    bool contains(std::string_view name, std::uint64_t hash) const noexcept { return slots_[place(name, hash)].entry != 0; }
    std::size_t size() const noexcept { return entries_.size(); }

    /// Asks the processor for the slot of a hash, which is to be looked at soon.
    void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]); }

private:
    struct slot {
        std::uint32_t tag = 0;
        std::uint32_t entry = 0; ///< index into entries_, from 1; 0: free
    };
    struct entry {
        std::string_view name;
        std::uint32_t number = 0;
    };

    static std::uint32_t tag(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32U); }

    std::size_t place(std::string_view name, std::uint64_t hash) const noexcept {
        const std::size_t mask = slots_.size() - 1;
        std::size_t i = hash & mask;
        while (slots_[i].entry != 0 && !(slots_[i].tag == tag(hash) && ascii::iequals(entries_[slots_[i].entry - 1].name, name))) i = (i + 1) & mask;
        return i;
    }

    void rebuild(std::size_t expected) {
        std::size_t wanted = 16;
        while (wanted < expected * 2 + 2) wanted *= 2;
        slots_.assign(wanted, {});
        for (std::size_t e = 0; e < entries_.size(); ++e) {
            const std::uint64_t hash = hash_name(entries_[e].name);
            std::size_t i = hash & (wanted - 1);
            while (slots_[i].entry != 0) i = (i + 1) & (wanted - 1);
            slots_[i] = {tag(hash), static_cast<std::uint32_t>(e + 1)};
        }
    }

    page_vector<slot> slots_;
    page_vector<entry> entries_;
};

} // namespace vmail::nis
