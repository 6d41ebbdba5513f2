#pragma once

#include <string>

#include <vmail/error.hpp>

/// The sentence of the invalid_value that the call throws, or "(accepted)".
template <typename Call>
std::string refusal(Call call) {
    try {
        call();
    } catch (const vmail::invalid_value& e) {
        return e.what();
    }
    return "(accepted)";
}

/// Whether a sentence keeps the rules for what(): not empty, one line of safe text, no full stop.
inline bool is_sentence(const std::string& text) {
    if (text.empty() || text == "(accepted)" || text.back() == '.') return false;
    for (char c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
    return true;
}
