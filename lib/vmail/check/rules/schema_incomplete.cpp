#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>
#include <vmail/schema.hpp>
#include <vmail/vacation_phase.hpp>

namespace vmail::check {

namespace {

template <typename Names> void add(std::vector<std::string_view>& all, const Names& names) { all.insert(all.end(), names.begin(), names.end()); }

std::vector<std::string_view> own_names() {
    std::vector<std::string_view> all;
    add(all, schema::own_attributes);
    add(all, schema::bookkeeping_attributes);
    add(all, schema::default_attributes);
    add(all, schema::list_attributes);
    add(all, schema::sending_attributes);
    add(all, schema::number_attributes);
    add(all, schema::waiting_classes);
    return all;
}

void ask(server_sight& s, const telling& tell) {
    if (s.schema().empty()) return;
    if (!s.schema().has_class(schema::cls::vacation)) tell.about(s.uri(), "phamm-vacation.schema is not loaded: no mailbox can have an automatic answer");
    auto missing = own_names();
    const std::size_t all = missing.size();
    std::erase_if(missing, [&](std::string_view name) { return s.schema().has_attribute(name) || s.schema().has_class(name); });
    if (missing.size() == all) tell.about(s.uri(), "vmail.schema is not loaded: nothing records why an account is disabled, or what runs have set aside");
    else if (!missing.empty()) tell.about(s.uri(), fmt::format("vmail.schema is an older one, without {}", fmt::join(missing, ", ")));
}

} // namespace

const rule schema_incomplete{{"schema-incomplete", severity::warning, reach::server, repair::none,
                              "The server has not loaded vmail.schema, or an older one, or not that of automatic answers: what is kept there cannot be done."},
                             nullptr, nullptr, nullptr, ask};

} // namespace vmail::check
