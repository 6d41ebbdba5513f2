#include <sys/stat.h>

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <cli/file_place.hpp>
#include <cli/plain_options.hpp>

#include "output_places.hpp"

namespace nis2ldif {

namespace {

using vmail::printable;
using vmail::tools::file_place;
using vmail::tools::refuse;

constexpr const char* advice = "name a file elsewhere";

/// The old server itself: every file lies there.
bool is_whole_machine(const std::string& tree) {
    struct stat top {}, status {};
    return ::stat("/", &top) == 0 && ::stat(tree.c_str(), &status) == 0 && top.st_dev == status.st_dev && top.st_ino == status.st_ino;
}

/// As the files of lists are named.
bool is_list_name(std::string_view name) { return name.ends_with(".members") || name.ends_with(".owners"); }

void check_output(std::string_view option, const std::string& path, const named_paths& named) {
    const file_place place(path);
    for (const std::string& file : named.files)
        if (!file.empty() && file != "-" && place.is(file_place(file)))
            refuse(fmt::format("{}: it would replace {}, which is to be read", option, printable(file)), advice);
    for (const std::string& tree : named.trees)
        if (!tree.empty() && !is_whole_machine(tree) && place.lies_in(tree))
            refuse(fmt::format("{}: {} lies in {}, which is to be read", option, printable(path), printable(tree)), advice);
}

std::string without_last_slashes(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

/// The folder may have to be made.
void check_lists_members(const named_paths& named) {
    check_output("--lists-members", without_last_slashes(named.lists_members), named);
    check_output("--lists-members", named.lists_members + "/list.members", named);
    const auto check = [&](const std::string& file) {
        const file_place place(file);
        if (is_list_name(place.name()) && place.is_member_of(named.lists_members))
            refuse(fmt::format("--lists-members: {} is there already, and may be named as a list is", printable(file)), "name another folder");
    };
    for (const std::string& file : named.files)
        if (!file.empty()) check(file);
    for (const std::string* const output : {&named.out, &named.report})
        if (!output->empty()) check(*output);
}

} // namespace

void check_output_places(const named_paths& named) {
    check_output("--out", named.out, named);
    if (!named.report.empty()) check_output("--report", named.report, named);
    if (!named.report.empty() && file_place(named.report).is(file_place(named.out)))
        refuse("--report: it would replace the LDIF, which --out names as well", advice);
    if (!named.lists_members.empty()) check_lists_members(named);
}

} // namespace nis2ldif
