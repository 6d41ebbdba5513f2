#pragma once

#include <vmail/settings.hpp>

namespace vmail::tools {

using vmail::settings;

} // namespace vmail::tools
