#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/program.hpp>

#include <vmail/doveadm_quota.hpp>

namespace vmail {

// ---- what it prints

namespace {

constexpr std::string_view header = "Username\tQuota name\tType\tValue\tLimit\t%";
constexpr std::size_t columns = 6;

std::optional<std::array<std::string_view, columns>> split(std::string_view line) {
    std::array<std::string_view, columns> parts;
    for (std::size_t i = 0; i < columns; ++i) {
        const std::size_t end = line.find('\t');
        if ((end == std::string_view::npos) != (i + 1 == columns)) return std::nullopt;
        parts[i] = line.substr(0, end);
        line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    }
    return parts;
}

/// "-" is none, and what it could not find out is "error". Less than nothing is what a count shows that has gone astray.
std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t n = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), n);
    return status == std::errc{} && end == text.data() + text.size() ? std::optional(n) : std::nullopt;
}

constexpr std::uint64_t bytes_of_kib = 1024;

std::optional<quota> limit_of(std::string_view kib) {
    const auto n = number(kib);
    constexpr std::uint64_t most_kib = (std::uint64_t{1} << 52) - 1;
    return n && *n > 0 && *n <= most_kib ? std::optional(quota::of_bytes(*n * bytes_of_kib)) : std::nullopt;
}

class table_reader {
public:
    void add(std::string_view line) {
        const auto parts = split(line);
        if (!parts) throw invalid_value(fmt::format("doveadm says {}, which is no line of a table of quotas", quoted(line)));
        const auto& [user, root, type, value, limit, percent] = *parts;
        const std::string name = ascii::to_lower(user);
        const auto [first, is_new] = first_roots_.try_emplace(name, root);
        if (first->second != root) return;
        doveadm_quota& q = found[name];
        if (type == "STORAGE") take_storage(q, number(value), limit);
        else if (type == "MESSAGE" && q.used) q.used->messages = number(value).value_or(0);
    }

    doveadm_quotas found{};

private:
    static void take_storage(doveadm_quota& q, std::optional<std::uint64_t> kib, std::string_view limit) {
        if (kib) q.used = mail_size{.bytes = *kib > UINT64_MAX / bytes_of_kib ? UINT64_MAX : *kib * bytes_of_kib};
        q.limit = limit_of(limit);
    }

    std::map<std::string, std::string> first_roots_{};
};

} // namespace

doveadm_quotas parse_doveadm_quotas(std::string_view table) {
    table_reader reader;
    for (bool is_first = true; !table.empty(); is_first = false) {
        const std::size_t end = table.find('\n');
        const std::string_view line = table.substr(0, end);
        table.remove_prefix(end == std::string_view::npos ? table.size() : end + 1);
        if (is_first && line != header) throw invalid_value(fmt::format("doveadm says {}, which is no table of quotas", quoted(line)));
        if (!is_first && !line.empty()) reader.add(line);
    }
    return std::move(reader.found);
}

// ---- the program

namespace {

constexpr int users_fd = 10; // of the program: below it are those that mean something to daemons

off_t size_of(const descriptor& file) {
    struct stat now {};
    return ::fstat(file.get(), &now) == 0 ? now.st_size : 0;
}

/// To its end, as long as there is more to read each time.
void wait_for(running_program& doveadm, const std::string& program, const descriptor& out, std::chrono::milliseconds patience) {
    for (off_t said = 0; !doveadm.ends_within(patience);)
        if (const off_t now = size_of(out); std::exchange(said, now) == now)
            throw unavailable(fmt::format("{} tells no quotas: it said nothing for {} seconds, and was ended", printable(program), patience.count() / 1000));
}

std::string first_line(const std::string& text) { return harmless(text.substr(0, text.find('\n'))); }

std::string lines_of(const std::vector<std::string>& users) {
    std::string text;
    for (const std::string& user : users) text.append(user).push_back('\n');
    return text;
}

} // namespace

doveadm_answer ask_doveadm(const std::string& program, const std::vector<std::string>& users, std::chrono::milliseconds patience) {
    const descriptor list = memory_file(lines_of(users)), out = memory_file(), err = memory_file();
    running_program doveadm({program, "-f", "tab", "quota", "get", "-F", fmt::format("/dev/fd/{}", users_fd)}, {{out.get(), STDOUT_FILENO}, {err.get(), STDERR_FILENO}, {list.get(), users_fd}},
                            running_program::group::ours);
    wait_for(doveadm, program, out, patience);
    const std::string table = contents_of(out);
    const std::string complaint = first_line(contents_of(err));
    if (table.empty()) throw unavailable(fmt::format("{} tells no quotas: {}", printable(program), complaint.empty() ? "it says nothing" : complaint));
    return {parse_doveadm_quotas(table), complaint};
}

} // namespace vmail
