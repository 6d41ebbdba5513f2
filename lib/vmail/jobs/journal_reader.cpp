#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <iterator>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/ldap/base64.hpp>
#include <vmail/ldap/ldif_lines.hpp>
#include <vmail/ldap/ldif_reader.hpp>
#include <vmail/printable.hpp>

#include <vmail/jobs/input_file.hpp>
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
    bool is_whole = false; ///< its end is there, too

    std::string value(std::string_view name) const {
        const auto it = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.first == name; });
        return it == fields.end() ? std::string() : it->second;
    }
};

/// Of "name: value" or "name:: base64" what follows the first colon. Nothing: it is not base64.
std::optional<std::string> decoded(std::string_view value) {
    const bool is_base64 = value.starts_with(':');
    if (is_base64) value.remove_prefix(1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return is_base64 ? ldap::base64_decode(value) : std::string(value);
}

ldap::dn name_of(const ldap::dn::rdn& parts, const ldap::dn& above) {
    std::string text;
    for (const ldap::attribute_value& p : parts) text += (text.empty() ? "" : "+") + ldap::dn().child(p.type, p.value).text();
    return ldap::dn::parse(text).renamed_below(above);
}

/// Of a rename, "newrdn" and so on are put together again.
ldap::write_request request_of(ldap::ldif_record&& r) {
    struct maker {
        ldap::write_request operator()(ldap::ldif_add& a) const { return ldap::add_request{std::move(a.entry)}; }
        ldap::write_request operator()(ldap::ldif_modify& m) const { return ldap::modify_request{m.dn, std::move(m.changes)}; }
        ldap::write_request operator()(ldap::ldif_delete& d) const { return ldap::delete_request{d.dn}; }
        ldap::write_request operator()(ldap::ldif_rename& m) const {
            const ldap::dn above = m.new_superior ? *m.new_superior : m.dn.parent();
            return ldap::rename_request{m.dn, name_of(m.new_rdn, above), {}, !m.delete_old_rdn};
        }
    };
    return std::visit(maker{}, r.what);
}

[[noreturn]] void refuse(const std::string& sentence, std::string hint = {}) { throw error(error_kind::configuration, sentence, {.hint = std::move(hint)}); }

/// Whoever may write a journal chooses what we do when it is undone.
void require_trusted(int fd, const std::string& name) {
    struct stat seen {};
    if (::fstat(fd, &seen) != 0 || !S_ISREG(seen.st_mode)) refuse(fmt::format("{} is not a regular file", name));
    if (seen.st_uid != 0 && seen.st_uid != ::geteuid()) refuse(fmt::format("the journal {} belongs to another user", name));
    if ((seen.st_mode & 022U) != 0) refuse(fmt::format("the journal {} can be written by others than its owner", name), "look whether it is right, then chmod go-w " + name);
}

/// Without waiting for whoever might write to a pipe of that name.
jobs::input_file open_trusted(const fs::path& file) {
    const std::string name = printable(file.native());
    descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd) throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", name, system_reason()));
    require_trusted(fd.get(), name);
    return {std::move(fd), name};
}

} // namespace

struct journal_reader::state {
    explicit state(const fs::path& path) : name(printable(path.native())), file(open_trusted(path)), in(file), lines(in, name) {}

    std::string name;
    jobs::input_file file;
    jobs::input_file::stream in;
    logical_lines lines;
    journal_heading heading;
    std::deque<journal_record> open; ///< requests, in their order, with or without an outcome yet
    std::vector<bool> answered;      ///< of those in `open`
    bool ended = false;

    std::optional<record> next_record() {
        record r;
        while (const auto l = lines.next()) {
            if (l->text.empty()) {
                if (r.line == 0) continue;
                r.is_whole = true;
                return r;
            }
            if (r.line == 0) r.line = l->first;
            if (r.ldif_line == 0 && l->text.starts_with("dn:")) r.ldif_line = l->first;
            if (r.ldif_line != 0) r.ldif += l->text + '\n';
            else take_field(r, l->text, l->first);
        }
        if (r.line == 0) return std::nullopt;
        return r;
    }

    void take_field(record& r, const std::string& text, std::size_t line) {
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos && !lines.next()) return; // the rest was cut off
        if (colon == std::string::npos) lines.fail(line, vmail::quoted(text) + " is not of the form \"name: value\"");
        auto value = decoded(std::string_view(text).substr(colon + 1));
        if (!value && !lines.next()) return;
        if (!value) lines.fail(line, vmail::quoted(text) + " is not base64");
        r.fields.emplace_back(text.substr(0, colon), std::move(*value));
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
        std::istringstream text(r.ldif);
        ldap::ldif_reader reader(text, name, r.ldif_line);
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
                        .thing = r.value("thing"),
                        .request = request_of(std::move(*what)),
                        .entry_uuid = r.value("entryUUID"),
                        .version_before = r.value("version")});
        answered.push_back(false);
    }

    ldap::entry entry_of(ldap::ldif_record&& r, std::size_t line) const {
        auto* const whole = std::get_if<ldap::ldif_add>(&r.what);
        if (whole == nullptr) lines.fail(line, "a change where the entry as it was should be");
        return std::move(whole->entry);
    }

    /// Soon after its request: the latest are looked at first.
    std::deque<journal_record>::iterator request_of_record(const record& r, const char* what) {
        const std::size_t number = number_of(r);
        const auto found = std::find_if(open.rbegin(), open.rend(), [&](const journal_record& o) { return o.number == number; });
        if (found == open.rend()) lines.fail(r.line, fmt::format("{} request {}, which is not there", what, number));
        return std::prev(found.base());
    }

    void take_before(const record& r) {
        const auto it = request_of_record(r, "the entry before");
        if (auto before = ldif_of(r)) it->before = entry_of(std::move(*before), r.line);
    }

    void take_outcome(const record& r) {
        const auto it = request_of_record(r, "an outcome of");
        it->result = r.value("result");
        it->code = r.value("code");
        it->words = r.value("words");
        it->version = r.value("version");
        it->moment = r.value("moment");
        if (const std::string uuid = r.value("entryUUID"); !uuid.empty()) it->entry_uuid = uuid;
        if (auto before = ldif_of(r)) it->before = entry_of(std::move(*before), r.line);
        answered[static_cast<std::size_t>(it - open.begin())] = true;
    }

    /// False at the end. A record whose own end is not there was cut off: half of an entry must not pass for the whole.
    bool read_one() {
        const auto r = next_record();
        if (!r || !r->is_whole) return false;
        const std::string& kind = r->fields.empty() ? r->ldif : r->fields.front().first;
        if (kind == "request") take_request(*r);
        else if (kind == "before") take_before(*r);
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
    while (!s.ended && (s.open.empty() || !s.answered.front())) {
        s.ended = !s.read_one();
    }
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
