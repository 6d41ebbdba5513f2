#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace {

void ask(server_sight& s, const telling& tell) {
    if (s.schema().empty()) return tell.unknown(s.uri(), "the server does not show us its schema");
    std::vector<std::string_view> missing;
    for (const auto name : schema::required_attributes)
        if (!s.schema().has_attribute(name)) missing.push_back(name);
    for (const auto name : schema::required_classes)
        if (name != schema::cls::vacation && !s.schema().has_class(name)) missing.push_back(name);
    std::erase_if(missing, [](std::string_view name) { return name.starts_with("vacation"); });
    if (!missing.empty()) tell.about(s.uri(), fmt::format("the server's schema has no {}", fmt::join(missing, ", ")));
}

} // namespace

const rule schema_missing{{"schema-missing", severity::error, reach::server, repair::none,
                           "The server has not loaded phamm.schema, or one that lacks what mailboxes, aliases and domains are made of."},
                          nullptr, nullptr, nullptr, ask};

} // namespace vmail::check
