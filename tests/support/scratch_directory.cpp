#include "scratch_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

scratch_directory::scratch_directory() {
    // A short name: a socket's path in it may have no more than 107 bytes.
    std::string name = std::filesystem::temp_directory_path() / "vmail-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), name);
    path_ = name;
}

scratch_directory::~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}
