#include "schema_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/template.hpp>

#include <vmail/descriptor.hpp>

namespace vmail::tools {
namespace {

namespace fs = std::filesystem;

bool is_schema_dir(const fs::path& folder) {
    std::error_code none;
    return fs::is_regular_file(folder / "sandbox.conf.in", none);
}

std::string name(const fs::path& path) { return vmail::quoted(path.string(), 200); }

[[noreturn]] void cannot(const char* what, const fs::path& path) {
    throw error(error_kind::configuration, fmt::format("cannot {} {}: {}", what, name(path), std::generic_category().message(errno)));
}

} // namespace

fs::path schema_dir() {
    if (const char* const given = std::getenv("MAILCTL_SCHEMA_DIR"); given && *given) {
        if (is_schema_dir(given)) return fs::canonical(given);
        throw error(error_kind::configuration, fmt::format("MAILCTL_SCHEMA_DIR: no sandbox.conf.in in {}", name(given)));
    }
    std::error_code none;
    const auto installed = fs::read_symlink("/proc/self/exe", none).parent_path().parent_path() / "share/mailctl/schema";
    for (const auto& folder : {installed, fs::path(VMAIL_SOURCE_SCHEMA_DIR)})
        if (is_schema_dir(folder)) return folder;
    throw error(error_kind::configuration, fmt::format("the schema files are neither in {} nor in " VMAIL_SOURCE_SCHEMA_DIR, name(installed)),
                {.hint = "install mailctl with its data, or set MAILCTL_SCHEMA_DIR"});
}

std::string fill(std::string_view text, const placeholders& values) {
    return fill_template(text, [&](std::string_view wanted) {
        const auto known = std::ranges::find(values, wanted, &placeholders::value_type::first);
        return known == values.end() ? std::nullopt : std::optional(known->second);
    });
}

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) cannot("read", path);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const fs::path& path, std::string_view text) {
    const descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) cannot("write", path);
    while (!text.empty()) {
        const auto written = write(file.get(), text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) cannot("write", path);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::string quotable(const fs::path& path) {
    const auto text = path.string();
    if (std::ranges::any_of(text, [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
        throw error(error_kind::configuration, fmt::format("slapd cannot be given the path {}", name(path)),
                    {.hint = "choose one without quotes, backslashes and control characters"});
    return text;
}

} // namespace vmail::tools
