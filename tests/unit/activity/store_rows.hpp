#pragma once

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <stdlib.h>

#include <vmail/activity/store.hpp>

/// A store in a folder of its own, and its rows as lines, for tests.
namespace activity_test {

using namespace vmail::activity;

class scratch_folder {
public:
    scratch_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "activity.XXXXXX").native();
        path_ = ::mkdtemp(name.data());
    }
    ~scratch_folder() { std::filesystem::remove_all(path_); }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;

    std::filesystem::path store() const { return path_ / "store"; }
    /// All bytes of all files in it.
    std::string bytes() const {
        std::string all;
        for (const auto& file : std::filesystem::directory_iterator(path_)) {
            std::ifstream in(file.path(), std::ios::binary);
            all.append(std::istreambuf_iterator<char>(in), {});
        }
        return all;
    }

private:
    std::filesystem::path path_;
};

inline std::string line_of(const row_key& of) { return std::to_string(of.hour) + ' ' + of.account + ' ' + of.host; }

/// In the order of the text.
inline std::vector<std::string> lines_of(const store& s) {
    std::vector<std::string> all;
    s.each(0, {[&](const count_row& r) {
                   std::string line = line_of(r.of);
                   for (std::size_t i = 0; i < measures; ++i)
                       if (r.counts.numbers[i] != 0) line += ' ' + std::string(measure_names[i]) + '=' + std::to_string(r.counts.numbers[i]);
                   all.push_back(std::move(line));
               },
               [&](const sighting& r) {
                   all.push_back(line_of(r.of) + ' ' + std::string(sight_names[static_cast<std::size_t>(r.kind)]) + ' ' + r.network + ' ' + std::to_string(r.first) + ".." + std::to_string(r.last) + " x" +
                                 std::to_string(r.number) + ' ' + r.reference);
               },
               [&](const last_use& r) { all.push_back(r.account + ' ' + r.host + " last " + std::string(use_names[static_cast<std::size_t>(r.kind)]) + ' ' + std::to_string(r.when)); }});
    std::sort(all.begin(), all.end());
    return all;
}

} // namespace activity_test
