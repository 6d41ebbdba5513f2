#include <string>
#include <vector>

#include <vmail/exchange/json_schema.hpp>
#include <vmail/exchange/noun.hpp>

#include "command.hpp"
#include "entity_fields.hpp"

namespace vmail::tools {

namespace {

struct describe_flags {
    std::string noun{}, field{};
    bool json_schema = false;
};

record noun_record(const exchange::noun_info& n) {
    return {{"kind", std::string(n.name)}, {"list", std::string(n.list)}, {"fields", static_cast<std::int64_t>(n.fields.size())}, {"about", std::string(n.sentence)}};
}

std::vector<std::string> attributes_of(const exchange::field_info& f) {
    std::vector<std::string> names;
    for (const auto name : f.attributes)
        if (!name.empty()) names.emplace_back(name);
    return names;
}

record field_record(const exchange::noun_info& n, const exchange::field_info& f) {
    return {{"field", std::string(f.name)},
            {"form", std::string(exchange::name(f.form))},
            {"writer", std::string(exchange::name(f.who))},
            {"attributes", attributes_of(f)},
            {"about", std::string(f.sentence)},
            {"kind", std::string(n.name)},
            {"value", std::string(exchange::explain(f.form))},
            {"written_by", std::string(exchange::explain(f.who))}};
}

constexpr std::size_t fields_in_rows = 5; ///< the rest is for who asks about one

record as_row(record r, output_format format) {
    if (format == output_format::table || format == output_format::csv) r.resize(fields_in_rows);
    return r;
}

int write_all(invocation& run, const std::vector<record>& all, table_shape shape) {
    const auto out = make_output(run.format(), shape, run.out());
    for (const record& r : all) out->write(chosen_fields(r, run.flags().fields, run.format()));
    out->finish();
    return 0;
}

int describe_nouns(invocation& run) {
    std::vector<record> all;
    for (const auto& n : exchange::nouns()) all.push_back(noun_record(n));
    return write_all(run, all, table_shape::rows);
}

int describe_fields(invocation& run, const exchange::noun_info& n) {
    std::vector<record> all;
    for (const auto* f : n.fields) all.push_back(run.flags().fields.empty() ? as_row(field_record(n, *f), run.format()) : field_record(n, *f));
    return write_all(run, all, table_shape::rows);
}

int write_schema(invocation& run, const describe_flags& flags) {
    if (!flags.noun.empty()) throw error(error_kind::usage, "--json-schema is of all kinds of records at once");
    run.out() << exchange::json_schema();
    return 0;
}

int describe(invocation& run, const describe_flags& flags) {
    if (flags.json_schema) return write_schema(run, flags);
    if (run.format() == output_format::ldif) throw error(error_kind::usage, "describe tells of no entries: it writes table, json, jsonl, csv and name");
    if (flags.noun.empty()) return describe_nouns(run);
    const auto& n = exchange::get_noun(flags.noun);
    if (flags.field.empty()) return describe_fields(run, n);
    return write_all(run, {field_record(n, exchange::get_field(n, flags.field))}, table_shape::card);
}

} // namespace

void add_describe_command(command_tree& tree) {
    tree.add_verb<describe_flags>(
        tree.root(), "describe", "Tell what fields records have: their form, their attributes, and who may write them", "mailctl describe mailbox quota",
        [](CLI::App& verb, describe_flags& flags) {
            verb.add_option("kind", flags.noun, "domain, mailbox, ...; without it, what kinds there are")->type_name("");
            verb.add_option("field", flags.field, "one of its fields")->type_name("");
            verb.add_flag("--json-schema", flags.json_schema, "the JSON Schema of files that export writes and apply reads");
        },
        describe);
}

} // namespace vmail::tools
