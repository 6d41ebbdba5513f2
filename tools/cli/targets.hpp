#pragma once

#include <istream>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace vmail::tools {

/// A name that a command was given, as it was written.
struct named_target {
    std::string text;
    std::string origin{}; ///< "standard input line 3: " for one that came from there, else empty: what goes before a sentence about it

    /// Parses it; an invalid_value says where the text came from.
    template <typename Parse>
    auto parse(const Parse& parse_text) const;
};

/// The arguments, with "-" replaced by the lines of the stream; empty lines and comments ("#" with a blank or nothing after it) are left out. Throws error(usage) when
/// there is no argument at all.
std::vector<named_target> read_targets(const std::vector<std::string>& arguments, std::istream& in, const std::string& what);

/// What is to be made, each once.
class made_once {
public:
    /// Throws already_exists for one that was here.
    void require(std::string_view name);

private:
    std::unordered_set<std::string> seen_;
};

[[noreturn]] void rethrow_with_origin(const std::string& origin);

template <typename Parse>
auto named_target::parse(const Parse& parse_text) const {
    try {
        return parse_text(text);
    } catch (...) {
        rethrow_with_origin(origin);
    }
}

} // namespace vmail::tools
