#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vmail::tools {

/// A text whose line ends mean something.
struct paragraph {
    std::string text;
};

/// There is something, but it makes no sense.
struct nonsense {};

/// A number that is not limited: no number.
struct unlimited {};

struct field;

/// Records within a record: objects in JSON, and nothing that a table or CSV has room for.
struct records {
    std::vector<std::vector<field>> items{};
};

/// A value in a program's output: nothing, a truth, a number, a text (any bytes), several texts.
using value = std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>, paragraph, nonsense, unlimited, records>;

/// One named value. Names are ours and static: "address", "forward_targets".
struct field {
    std::string_view name;
    tools::value value;
};

/// One item of the output, its fields in their order. The first one is its name.
using record = std::vector<field>;

/// As it stands in a table or a CSV cell: nothing is "", nonsense is ?, unlimited is none, truths are yes and no, several texts are joined by ", ". Not yet safe to print.
std::string text(const value& v);

} // namespace vmail::tools
