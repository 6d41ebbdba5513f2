#include "exit_status.hpp"

namespace vmail::tools {

int exit_status_of(error_kind kind) noexcept {
    switch (kind) {
    case error_kind::usage: return 64;
    case error_kind::invalid_value: return 65;
    case error_kind::input_missing: return 66;
    case error_kind::not_found: return 67;
    case error_kind::limit_exceeded: return 69;
    case error_kind::internal: break;
    case error_kind::already_exists: return 73;
    case error_kind::in_doubt: return 74;
    case error_kind::unavailable:
    case error_kind::conflict: return 75;
    case error_kind::denied: return 77;
    case error_kind::configuration: return 78;
    case error_kind::interrupted: return 130;
    }
    return 70;
}

} // namespace vmail::tools
