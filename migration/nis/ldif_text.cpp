#include <vmail/ascii.hpp>
#include <vmail/ldap/ldif_writer.hpp>

#include "ldif_text.hpp"

namespace vmail::nis {

namespace {

constexpr std::size_t fold_at = 76;

/// RFC 2849 SAFE-STRING, without control characters. No early exit, so that it is vectorized.
bool is_plain(std::string_view prefix, std::string_view value, std::string_view suffix) {
    if (value.empty()) return true;
    const char first = value.front();
    if (prefix.empty() && (first == ' ' || first == ':' || first == '<')) return false;
    if (suffix.empty() && value.back() == ' ') return false;
    bool plain = true;
    for (const char c : value) plain &= ascii::is_printable(c);
    return plain;
}

} // namespace

void ldif_text::line(std::string_view name, std::string_view prefix, std::string_view value, std::string_view suffix) {
    if (!is_plain(prefix, value, suffix)) {
        std::string whole(prefix);
        whole += value;
        whole += suffix;
        buffer_ += ldap::ldif_line(name, whole);
        return;
    }
    const std::size_t start = buffer_.size();
    buffer_ += name;
    buffer_ += ": ";
    buffer_ += prefix;
    buffer_ += value;
    buffer_ += suffix;
    if (buffer_.size() - start > fold_at) fold(start);
    buffer_ += '\n';
}

void ldif_text::fold(std::size_t start) {
    // A continuation line begins with a blank, which counts.
    for (std::size_t at = start + fold_at; at < buffer_.size(); at += fold_at + 1) buffer_.insert(at, "\n ");
}

void ldif_text::end_record() {
    buffer_ += '\n';
    if (buffer_.size() >= flush_at) flush();
}

void ldif_text::flush() {
    out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
}

} // namespace vmail::nis
