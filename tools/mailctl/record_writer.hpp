#pragma once

#include <memory>
#include <string>
#include <vector>

#include <vmail/exchange/record.hpp>

#include <cli/fd_stream.hpp>
#include <cli/output.hpp>

namespace vmail::tools {

struct record_writer_options {
    std::string base{};                  ///< of which directory a document tells
    std::vector<exchange::noun> kinds{}; ///< those that are to come; empty: all
    bool passwords = false;              ///< with password_hash
};

/// Writes records so that they can be read again (mailctl-exchange(5)): csv, jsonl, json or yaml. They come kind by kind.
class record_writer {
public:
    virtual ~record_writer() = default;
    virtual void write(const exchange::record& r) = 0;
    /// Not complete: there was more than could be read, and whoever takes away what is not in it must know.
    virtual void finish(bool complete) = 0;
};

/// The stream must outlive the writer.
std::unique_ptr<record_writer> make_record_writer(output_format format, fd_stream& out, const record_writer_options& options);

/// A text as a scalar of YAML: plain where it can be taken for nothing else.
std::string yaml_scalar(const std::string& text);

} // namespace vmail::tools
