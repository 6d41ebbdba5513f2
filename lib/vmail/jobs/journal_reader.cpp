#include <algorithm>
#include <charconv>
#include <deque>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/ldap/base64.hpp>
#include <vmail/ldap/ldif_lines.hpp>
#include <vmail/ldap/ldif_reader.hpp>
#include <vmail/printable.hpp>

#include <vmail/jobs/journal_reader.hpp>

namespace vmail {

namespace {

namespace fs = std::filesystem;
using ldap::logical_lines;

constexpr std::string_view first_line = "journal: 1";

/// A record's own lines, and the LDIF that follows them.
struct record {
    std::vector<std::pair<std::string, std::string>> fields{};
    std::string ldif{};
    std::size_t line = 0, ldif_line = 0;

    std::string value(std::string_view name) const {
        const auto it = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.first == name; });
        return it == fields.end() ? std::string() : it->second;
    }
};

std::string decoded(std::string_view value) {
    if (!value.starts_with(':')) return std::string(value.substr(std::min(value.find_first_not_of(' '), value.size())));
    value.remove_prefix(1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return ldap::base64_decode(value).value_or("");
}

/// Of a rename, "newrdn" and so on are put together again.
ldap::write_request request_of(ldap::ldif_record&& r) {
    struct maker {
        ldap::write_request operator()(ldap::ldif_add& a) const { return ldap::add_request{std::move(a.entry)}; }
        ldap::write_request operator()(ldap::ldif_modify& m) const { return ldap::modify_request{m.dn, std::move(m.changes)}; }
        ldap::write_request operator()(ldap::ldif_delete& d) const { return ldap::delete_request{d.dn}; }
        ldap::write_request operator()(ldap::ldif_rename& m) const {
            const ldap::dn above = m.new_superior ? *m.new_superior : m.dn.parent();
            return ldap::rename_request{m.dn, above.child(m.new_rdn.front().type, m.new_rdn.front().value), {}, !m.delete_old_rdn};
        }
    };
    return std::visit(maker{}, r.what);
}

} // namespace

struct journal_reader::state {
    explicit state(const fs::path& file) : name(printable(file.native())), in(file, std::ios::binary), lines(in, name) {
        if (!in) throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", name, system_reason_of(file)));
    }

    std::string name;
    std::ifstream in;
    logical_lines lines;
    journal_heading heading;
    std::deque<journal_record> open; ///< requests, in their order, with or without an outcome yet
    std::vector<bool> answered;      ///< of those in `open`
    bool ended = false;

    static std::string system_reason_of(const fs::path& file) {
        std::error_code fault;
        return fs::exists(file, fault) ? "it may not be read" : "there is no such file";
    }

    /// Up to a blank line. Nothing at the end; a record that has none was cut off.
    std::vector<logical_lines::line> next_lines() {
        std::vector<logical_lines::line> all;
        while (auto l = lines.next()) {
            if (!l->text.empty()) all.push_back(std::move(*l));
            else if (!all.empty()) return all;
        }
        return {};
    }

    std::optional<record> next_record() {
        const auto all = next_lines();
        if (all.empty()) return std::nullopt;
        record r{.line = all.front().first};
        for (const auto& l : all) {
            if (r.ldif_line == 0 && l.text.starts_with("dn:")) r.ldif_line = l.first;
            if (r.ldif_line == 0) take_field(r, l.text, l.first);
            else append(r.ldif, l);
        }
        return r;
    }

    /// With as many folds as it had: lines are counted in complaints.
    static void append(std::string& ldif, const logical_lines::line& l) {
        ldif += l.text + '\n';
        for (std::size_t n = l.first; n < l.last; ++n) ldif += " \n";
    }

    void take_field(record& r, const std::string& text, std::size_t line) const {
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos) lines.fail(line, vmail::quoted(text) + " is not of the form \"name: value\"");
        r.fields.emplace_back(text.substr(0, colon), decoded(std::string_view(text).substr(colon + 1)));
    }

    void read_heading() {
        const auto r = next_record();
        if (!r || r->fields.empty() || r->fields.front() != std::pair<std::string, std::string>("journal", "1"))
            throw invalid_value(fmt::format("{} is not a journal", name));
        heading = {.job = r->value("job"),
                   .server = r->value("server"),
                   .identity = r->value("identity"),
                   .host = r->value("host"),
                   .user = r->value("user"),
                   .tree = r->value("tree"),
                   .directory = r->value("directory"),
                   .begun = r->value("begun")};
    }

    std::optional<ldap::ldif_record> ldif_of(const record& r) const {
        if (r.ldif.empty()) return std::nullopt;
        std::istringstream text(std::string(r.ldif_line - 1, '\n') + r.ldif);
        ldap::ldif_reader reader(text, name);
        return reader.next();
    }

    std::size_t number_of(const record& r) const {
        std::size_t number = 0;
        const std::string& text = r.fields.front().second;
        const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (fault != std::errc() || end != text.data() + text.size()) lines.fail(r.line, vmail::quoted(text) + " is not a number");
        return number;
    }

    void take_request(const record& r) {
        auto what = ldif_of(r);
        if (!what) lines.fail(r.line, "a request without a change record");
        open.push_back({.number = number_of(r),
                        .time = r.value("time"),
                        .subject = r.value("subject"),
                        .action = r.value("action"),
                        .why = r.value("why"),
                        .request = request_of(std::move(*what)),
                        .entry_uuid = r.value("entryUUID"),
                        .version_before = r.value("version")});
        answered.push_back(false);
    }

    void take_outcome(const record& r) {
        const std::size_t number = number_of(r);
        const auto it = std::find_if(open.begin(), open.end(), [&](const journal_record& o) { return o.number == number; });
        if (it == open.end()) lines.fail(r.line, fmt::format("an outcome of request {}, which is not there", number));
        it->result = r.value("result");
        it->code = r.value("code");
        it->words = r.value("words");
        it->version = r.value("version");
        if (const std::string uuid = r.value("entryUUID"); !uuid.empty()) it->entry_uuid = uuid;
        if (auto before = ldif_of(r)) it->before = std::move(std::get<ldap::ldif_add>(before->what).entry);
        answered[static_cast<std::size_t>(it - open.begin())] = true;
    }

    /// False at the end.
    bool read_one() {
        const auto r = next_record();
        if (!r) return false;
        const std::string& kind = r->fields.empty() ? r->ldif : r->fields.front().first;
        if (kind == "request") take_request(*r);
        else if (kind == "outcome") take_outcome(*r);
        else if (kind != "ended") lines.fail(r->line, "a record of an unknown kind");
        return true;
    }
};

journal_reader::journal_reader(const fs::path& file) : state_(std::make_unique<state>(file)) { state_->read_heading(); }
journal_reader::journal_reader(journal_reader&&) noexcept = default;
journal_reader::~journal_reader() = default;

const journal_heading& journal_reader::heading() const noexcept { return state_->heading; }

std::optional<journal_record> journal_reader::next() {
    auto& s = *state_;
    while (!s.ended && (s.open.empty() || !s.answered.front())) s.ended = !s.read_one();
    if (s.open.empty()) return std::nullopt;
    journal_record first = std::move(s.open.front());
    s.open.pop_front();
    s.answered.erase(s.answered.begin());
    return first;
}

std::vector<fs::path> list_journals(const fs::path& folder) {
    std::vector<fs::path> all;
    std::error_code fault;
    for (const auto& e : fs::directory_iterator(folder, fault))
        if (e.path().extension() == ".journal") all.push_back(e.path());
    std::sort(all.begin(), all.end());
    return all;
}

std::string journal_id(const fs::path& file) {
    const std::string stem = file.stem().string();
    const std::size_t pid = stem.find('-');
    return stem.substr(0, stem.find('-', pid == std::string::npos ? pid : pid + 1));
}

bool is_journal(std::string_view beginning) noexcept { return beginning.starts_with(first_line); }

} // namespace vmail
