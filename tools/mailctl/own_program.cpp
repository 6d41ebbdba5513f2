#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "own_program.hpp"

namespace vmail::tools {

namespace fs = std::filesystem;

std::string own_program(std::string_view name, std::string_view what) {
    std::error_code none;
    const auto program = fs::read_symlink("/proc/self/exe", none).parent_path().parent_path() / MAILCTL_LIBEXECDIR / name;
    if (!fs::is_regular_file(program, none)) throw error(error_kind::configuration, fmt::format("the program that {} is not at {}", what, printable(program.native())), {.hint = "install mailctl as a whole"});
    return program.native();
}

} // namespace vmail::tools
