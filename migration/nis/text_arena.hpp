#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace vmail::nis {

/// Keeps texts at addresses that do not change, for as long as it lives: a conversion holds millions of short ones.
class text_arena {
public:
    std::string_view keep(std::string_view text) {
        if (text.empty()) return {};
        if (text.size() > left_) grow(text.size());
        std::memcpy(at_, text.data(), text.size());
        const std::string_view kept(at_, text.size());
        at_ += text.size();
        left_ -= text.size();
        return kept;
    }

    /// Takes over the texts of another, which stay where they are.
    void absorb(text_arena&& other) {
        std::move(other.blocks_.begin(), other.blocks_.end(), std::back_inserter(blocks_));
        other = {};
    }

private:
    static constexpr std::size_t block_size = 256 * 1024;

    void grow(std::size_t needed) {
        left_ = std::max(block_size, needed);
        blocks_.push_back(std::make_unique<char[]>(left_));
        at_ = blocks_.back().get();
    }

    std::vector<std::unique_ptr<char[]>> blocks_;
    char* at_ = nullptr;
    std::size_t left_ = 0;
};

} // namespace vmail::nis
