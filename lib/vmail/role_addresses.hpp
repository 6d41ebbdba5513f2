#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>

namespace vmail {

/// The addresses that a site gives to every domain (RFC 2142): postmaster@, which RFC 5321 asks for, and the others that it wants. They count against no
/// limit of a domain and do not keep it from being removed.
class VMAIL_EXPORT role_addresses {
public:
    /// postmaster and abuse.
    role_addresses();
    /// Local parts, with postmaster or without. Throws invalid_value for what is no local part and for one given twice.
    static role_addresses of(const std::vector<std::string>& local_parts);

    bool has(std::string_view local_part) const noexcept;

    /// In the order in which they are made: postmaster is the last. A domain that has it is whole.
    std::vector<address> in(const domain_name& d) const;

    bool operator==(const role_addresses&) const = default;

private:
    explicit role_addresses(std::vector<std::string> others) : others_(std::move(others)) {}
    std::vector<std::string> others_;
};

} // namespace vmail
