#pragma once

#include <vmail/configuration.hpp>

namespace vmail::tools {

using vmail::configuration;

} // namespace vmail::tools
