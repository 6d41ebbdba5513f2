#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vmail/jobs/export_tree.hpp>
#include <vmail/jobs/record_export.hpp>
#include <vmail/ldap/ldif.hpp>
#include <vmail/printable.hpp>

#include <cli/counted.hpp>
#include <cli/output_file.hpp>

#include "command.hpp"
#include "record_writer.hpp"
#include "surroundings.hpp"

namespace vmail::tools {

namespace {

struct export_flags {
    std::optional<std::string> domain{};
    std::string file{};
    bool passwords = false;
    bool base = false;
    std::vector<std::string> kinds{};
};

/// What an import of it would not bring back.
void tell_what_is_missing(invocation& run, const export_flags& flags, const export_summary& sum) {
    if (sum.without_password == 0) return;
    const std::string accounts = sum.mailboxes == 1 ? "1 mailbox is" : fmt::format("{} mailboxes are", sum.mailboxes);
    if (!flags.passwords)
        run.err().note(fmt::format("{} written without the passwords that they may have, and an import of this lets nobody log in to them: --with-passwords takes them along", accounts));
    else
        run.err().note(fmt::format("{} of {} mailboxes come without a password: there is none, or we may not read it", sum.without_password, sum.mailboxes));
}

/// Throws unless it is there and may be seen.
void require_domain(directory& d, const domain_name& name) {
    if (!d.find_domain(name) && !d.find<backup_domain>(name)) d.get_domain(name);
}

export_summary write_tree(invocation& run, const export_flags& flags, std::ostream& out) {
    export_options options{.passwords = flags.passwords};
    if (flags.domain) {
        options.domain = domain_name::parse(*flags.domain);
        require_domain(run.directory(), *options.domain);
    }
    ldap::ldif_writer writer(out);
    const std::size_t above = flags.base ? write_base(run, writer, flags.passwords) : 0;
    auto sum = export_tree(run.session(), run.directory().site().layout, options, [&](const ldap::entry_view& e) { writer.write(e); });
    sum.entries += above + (flags.base ? write_administrators(run, writer, flags.passwords) : 0);
    return sum;
}

bool as_ldif(invocation& run) { return run.format() == output_format::ldif || run.format() == output_format::table; }

std::vector<exchange::noun> kinds_of(const export_flags& flags) {
    std::vector<exchange::noun> kinds;
    for (const std::string& text : flags.kinds) kinds.push_back(exchange::get_noun(text).what);
    return kinds;
}

/// What no record says, of which the first few are named.
class untold_fields {
public:
    void see(const exchange::record& r, const exchange::field_info& f) {
        if (++count_ <= most_named) names_.push_back(fmt::format("{} of {}", f.name, printable(r.name)));
    }

    void tell(const invocation& run) const {
        if (count_ == 0) return;
        const std::string more = count_ > most_named ? fmt::format(" and {} more", count_ - most_named) : std::string();
        run.err().note(fmt::format("{} left out, as what is there makes no sense or no file can hold it: {}{}", count_ == 1 ? "1 field is" : fmt::format("{} fields are", count_), fmt::join(names_, ", "), more));
    }

private:
    static constexpr std::size_t most_named = 10;

    std::size_t count_ = 0;
    std::vector<std::string> names_{};
};

/// Entries that no record could be made of, the first few told as they come.
class unread_entries {
public:
    void see(const invocation& run, const unreadable_entry& bad) {
        if (++count_ <= most_told) run.err().warning(bad.sentence);
    }

    bool empty() const noexcept { return count_ == 0; }

    void tell(const invocation& run) const {
        if (count_ == 0) return;
        run.err().warning(fmt::format("{} could not be read, and this is not complete without {}", count_ == 1 ? "1 entry" : fmt::format("{} entries", count_), count_ == 1 ? "it" : "them"));
    }

private:
    static constexpr std::size_t most_told = 20;

    std::size_t count_ = 0;
};

/// Addresses that two entries have, the first few told as they come.
class doubled_addresses {
public:
    void see(const invocation& run, const std::string& address, const ldap::dn& other) {
        if (++count_ > most_told) return;
        run.err().warning(fmt::format("{} is the address of two entries, {} is one of them: \"mailctl apply\" takes no file that has both", printable(address), printable(other.text())));
    }

    bool empty() const noexcept { return count_ == 0; }

    void tell(const invocation& run) const {
        if (count_ > most_told) run.err().warning(fmt::format("and so are {} more: \"mailctl check --only address-twice\" names them", count_ - most_told));
    }

private:
    static constexpr std::size_t most_told = 20;

    std::size_t count_ = 0;
};

struct record_summary : export_summary {
    bool complete = true;
    bool can_be_applied = true;
};

/// Of what can be read it is complete, or it throws: a part is no copy.
record_summary write_records(invocation& run, const export_flags& flags, fd_stream& out) {
    record_export_options options{.kinds = kinds_of(flags), .passwords = flags.passwords};
    if (flags.domain) options.domain = domain_name::parse(*flags.domain);
    options.unseen = [&](exchange::noun n) { run.err().note(fmt::format("{} are left out: they may not be seen", exchange::info_of(n).list)); };
    untold_fields untold;
    options.left_out = [&](const exchange::record& r, const exchange::field_info& f) { untold.see(r, f); };
    doubled_addresses doubled;
    options.twice = [&](const std::string& address, const ldap::dn& other) { doubled.see(run, address, other); };
    const auto writer = make_record_writer(run.format(), out, {.base = run.directory().site().layout.base().text(), .kinds = options.kinds, .passwords = flags.passwords});
    record_summary sum;
    unread_entries unread;
    export_records(
        run.directory(), options,
        [&](exchange::record&& r) {
            writer->write(r);
            ++sum.entries;
            if (r.what != exchange::noun::mailbox) return;
            ++sum.mailboxes;
            if (r.find("password_hash") == nullptr) ++sum.without_password;
        },
        [&](unreadable_entry&& bad) { unread.see(run, bad); });
    sum.complete = unread.empty();
    sum.can_be_applied = doubled.empty();
    writer->finish(sum.complete);
    untold.tell(run);
    unread.tell(run);
    doubled.tell(run);
    return sum;
}

int status_of(const record_summary& sum) { return sum.complete && sum.can_be_applied ? 0 : 1; }

int export_all_records(invocation& run, const export_flags& flags) {
    if (flags.file.empty()) {
        run.out().require_reader();
        const auto sum = write_records(run, flags, run.out());
        run.out().flush();
        tell_what_is_missing(run, flags, sum);
        return status_of(sum);
    }
    output_file file(flags.file);
    const auto sum = write_records(run, flags, file.stream());
    file.commit();
    run.err().note(fmt::format("{} {} in {}", counted(sum.entries, "records"), sum.entries == 1 ? "is" : "are", printable(flags.file)));
    tell_what_is_missing(run, flags, sum);
    return status_of(sum);
}

int export_to_file(invocation& run, const export_flags& flags) {
    output_file file(flags.file);
    const auto sum = write_tree(run, flags, file.stream());
    file.commit();
    run.err().note(fmt::format("{} in {}", sum.entries == 1 ? "1 entry is" : fmt::format("{} entries are", sum.entries), printable(flags.file)));
    tell_what_is_missing(run, flags, sum);
    return 0;
}

int run_export(invocation& run, const export_flags& flags) {
    if (flags.base && (flags.domain || !as_ldif(run))) throw error(error_kind::usage, "--with-base goes with the LDIF of the whole tree");
    if (!as_ldif(run)) return export_all_records(run, flags);
    if (!flags.kinds.empty()) throw error(error_kind::usage, "--kind goes with records, not with LDIF", {.hint = "give -o csv, jsonl, json or yaml"});
    if (!flags.file.empty()) return export_to_file(run, flags);
    run.out().require_reader(); // a part of a tree is no copy of it
    const auto sum = write_tree(run, flags, run.out());
    run.out().flush();
    tell_what_is_missing(run, flags, sum);
    return 0;
}

} // namespace

void add_export_command(command_tree& tree) {
    const auto& written = tree.add_verb<export_flags>(
        tree.root(), "export", "Write the tree, or a domain, as LDIF, CSV, JSON or YAML", "mailctl export --domain example.org -o yaml --out example.org.yaml",
        [](CLI::App& verb, export_flags& flags) {
            verb.add_option("--domain", flags.domain, "this domain alone")->type_name("DOMAIN");
            verb.add_option("--out", flags.file, "to this file, whole or not at all, instead of standard output")->type_name("FILE");
            verb.add_option("--kind", flags.kinds, "records of this kind alone; repeat it for several")->type_name("KIND")->delimiter(',')->allow_extra_args(false);
            verb.add_flag("--with-passwords", flags.passwords, "with the password hashes");
            verb.add_flag("--with-base", flags.base, "with the entry above it and the administrators beside it, so that slapadd takes it for an empty database");
        },
        run_export);
    tree.writes_only(written, {"ldif", "csv", "jsonl", "json", "yaml"}, "LDIF, CSV, JSONL, JSON and YAML");
}

} // namespace vmail::tools
