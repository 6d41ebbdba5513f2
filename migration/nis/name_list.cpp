#include <fmt/format.h>

#include "name_list.hpp"

namespace vmail::nis {

std::string name_list::text() const { return count_ <= most_named ? text_ : fmt::format("{}, ... ({} in all)", text_, count_); }

} // namespace vmail::nis
