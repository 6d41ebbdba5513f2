#include <vector>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <vmail/jobs/folder_owners.hpp>

namespace vmail::jobs {

std::string plain_path(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const auto slash = path.find('/');
        const auto part = path.substr(0, slash);
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
        if (part == "..") {
            if (!parts.empty()) parts.pop_back();
        } else if (!part.empty() && part != ".") parts.push_back(part);
    }
    std::string plain;
    for (const auto part : parts) plain.append("/").append(part);
    return plain;
}

std::string below(const std::string& home, const std::string& path) { return home + '/' + path; }

void folder_owners::note(const std::string& asked, const std::string& entry_uuid, std::string sentence) {
    known_.insert(asked);
    const auto& own = asked_.at(asked);
    if (own.size() > 1 || !own.contains(entry_uuid)) faults_.try_emplace(asked, std::move(sentence));
}

void folder_owners::see(const std::string& folder, const std::string& entry_uuid, const std::string& name) {
    const std::string plain = plain_path(folder);
    for (auto it = asked_.lower_bound(plain); it != asked_.end() && it->first.starts_with(plain); ++it) {
        if (it->first == plain) note(plain, entry_uuid, fmt::format("{} has the same folder", printable(name)));
        else if (it->first[plain.size()] == '/') note(it->first, entry_uuid, fmt::format("it lies in the folder of {}", printable(name)));
    }
    for (auto slash = plain.rfind('/'); slash != std::string::npos && slash > 0; slash = plain.rfind('/', slash - 1))
        if (const auto it = asked_.find(plain.substr(0, slash)); it != asked_.end()) note(it->first, entry_uuid, fmt::format("the folder of {} lies in it", printable(name)));
}

std::optional<std::string> folder_owners::fault_of(const std::string& folder) const {
    const auto it = faults_.find(plain_path(folder));
    return it == faults_.end() ? std::nullopt : std::optional(it->second);
}

} // namespace vmail::jobs
