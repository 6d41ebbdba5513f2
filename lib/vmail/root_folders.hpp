#pragma once

namespace vmail::root_folders {

/// Where root keeps what is kept between runs, unless the settings say otherwise.
inline constexpr const char* journal = "/var/lib/mailctl/journal";
inline constexpr const char* state = "/var/lib/mailctl/state";
inline constexpr const char* lock = "/run/mailctl/";
inline constexpr const char* archive = "/var/lib/mailctl/archive"; ///< of the job that purges: by hand a folder has to be named

} // namespace vmail::root_folders
