#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <vmail/draft.hpp>
#include <vmail/error.hpp>

#include "entity_kind.hpp"

namespace vmail::tools {

/// Tells a draft a hundred names ahead what it will be asked for.
template <typename Entity>
class foretelling {
public:
    foretelling(draft& d, std::vector<std::string> names, expected what) : draft_(d), names_(std::move(names)), what_(what) {}

    /// Before the draft is asked for the next one.
    void next() {
        if (next_++ % at_once != 0) return;
        std::vector<name_of<Entity>> told;
        for (std::size_t i = next_ - 1; i < std::min(names_.size(), next_ - 1 + at_once); ++i) add(told, names_[i]);
        draft_.expect<Entity>(told, what_);
    }

private:
    static constexpr std::size_t at_once = 100;

    static void add(std::vector<name_of<Entity>>& told, const std::string& name) {
        try {
            told.push_back(entity_kind<Entity>::parse(name));
        } catch (const invalid_value&) { // is told when its turn comes
        }
    }

    draft& draft_;
    std::vector<std::string> names_;
    expected what_;
    std::size_t next_ = 0;
};

} // namespace vmail::tools
