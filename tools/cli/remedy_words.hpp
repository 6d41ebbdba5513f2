#pragma once

#include <string>
#include <string_view>

#include <vmail/error.hpp>

namespace vmail::tools {

/// A remedy in the words of our commands and flags. Empty for remedy::none.
std::string words_for(remedy r, std::string_view subject);

/// What to do about an error: its hint, the words of its remedy, or both in one sentence. Empty when it has neither.
std::string advice(const error& e);

} // namespace vmail::tools
