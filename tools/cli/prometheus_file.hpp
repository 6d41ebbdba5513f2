#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <cli/output_file.hpp>

namespace vmail::tools {

/// A file of metrics that the textfile collector of Prometheus' node exporter reads, in its exposition format, version 0.0.4: there whole or not at all, and
/// readable by everybody, as nothing in it is a secret.
class prometheus_file {
public:
    explicit prometheus_file(const std::string& path) : file_(path) {}

    /// Begins a metric: all its lines follow.
    void begin(std::string_view name, std::string_view help);
    /// A line of it; `labels` as label() makes them, joined by commas.
    void add(std::string_view labels, std::uint64_t n);
    /// A metric of one line, without labels.
    void add_one(std::string_view name, std::string_view help, std::int64_t value);
    void commit();

    /// name="value", with what that must not hold escaped.
    static std::string label(std::string_view name, std::string_view value);

private:
    std::string name_{};
    output_file file_;
};

} // namespace vmail::tools
