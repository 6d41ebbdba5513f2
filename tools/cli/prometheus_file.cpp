#include "prometheus_file.hpp"

namespace vmail::tools {

void prometheus_file::begin(std::string_view name, std::string_view help) {
    name_ = name;
    file_.stream() << fmt::format("# HELP mailctl_{0} {1}\n# TYPE mailctl_{0} gauge\n", name, help);
}

void prometheus_file::add(std::string_view labels, std::uint64_t n) { file_.stream() << fmt::format("mailctl_{}{{{}}} {}\n", name_, labels, n); }

void prometheus_file::add_one(std::string_view name, std::string_view help, std::int64_t value) {
    begin(name, help);
    file_.stream() << fmt::format("mailctl_{} {}\n", name, value);
}

void prometheus_file::commit() {
    file_.open_to(0644);
    file_.commit();
}

std::string prometheus_file::label(std::string_view name, std::string_view value) {
    std::string text(name);
    text += "=\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') text += '\\';
        if (c == '\n') text += "\\n";
        else text += c;
    }
    return text + '"';
}

} // namespace vmail::tools
