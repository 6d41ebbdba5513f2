#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include <vmail/compact_text.hpp>
#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/own_files.hpp>
#include <vmail/printable.hpp>

#include <vmail/jobs/state_file.hpp>

namespace vmail::jobs {

namespace {

[[noreturn]] void fail(std::string_view doing, const std::filesystem::path& file, const std::string& why) {
    throw error(error_kind::configuration, fmt::format("cannot {} {}: {}", doing, printable(file.native()), why), {.remedy = remedy::name_state_folder});
}

} // namespace

std::optional<std::string> read_state(const std::filesystem::path& file) {
    auto text = read_own_file(file);
    if (!text && errno != ENOENT) fail("read", file, errno == EPERM ? "it is no file of ours" : system_reason());
    return text;
}

void write_state(const std::filesystem::path& file, std::string_view text) {
    if (!make_own_folder(file.parent_path()) || !replace_own_file(file, text)) fail("write", file, system_reason());
}

std::filesystem::path set_aside_state(const std::filesystem::path& file) {
    std::filesystem::path beside = fmt::format("{}.damaged-{}", file.native(), compact_text(timestamp::now()));
    if (std::rename(file.c_str(), beside.c_str()) != 0) fail("set aside", file, system_reason());
    return beside;
}

} // namespace vmail::jobs
