#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <cli/configuration.hpp>

#include <vmail/descriptor.hpp>

namespace vmail::tools {

/// The program that works on mail, mailctl-store: started for each thing that is to be done, as the user whose the mail is. This one never touches mail.
class store_process {
public:
    /// Throws error(configuration) when there is no such user, group or program, or no home of all mail on this machine.
    explicit store_process(const configuration& c);

    /// What it answers. It reads what `input` is a descriptor of (-1: nothing) and writes an archive to `archive` (-1: to nowhere). Throws what it says went wrong.
    std::string ask(const std::vector<std::string>& words, int input = -1, int archive = -1) const;
    /// The same, of a text.
    std::string ask_about(const std::vector<std::string>& words, std::string_view input, int archive = -1) const;

private:
    std::string program_, root_, user_, group_;
};

/// The pieces of such an answer, each of which ends with this.
std::vector<std::string> pieces_of(std::string_view answer, char end);

/// The value of the line "NAME: VALUE" of such an answer; empty: there is none.
std::string value_in(std::string_view answer, std::string_view name);

} // namespace vmail::tools
