#pragma once

#include <string>

#include <vmail/secret.hpp>

namespace vmail::tools {

/// Whether there is a person to ask: standard input is a terminal, and so is standard error.
bool can_ask() noexcept;

/// Whether the terminal understands nothing but text, as far as TERM tells: neither colours nor a line that is written again.
bool is_dumb_terminal() noexcept;

/// Asks on the terminal; nothing but "y" or "yes" is a yes.
bool ask_yes_or_no(const std::string& question);

/// One line from the terminal that is not echoed. Throws error(usage) without a terminal.
secret ask_secret(const std::string& prompt);

/// Asks twice. Throws invalid_value when the answers differ.
secret ask_new_secret(const std::string& prompt);

/// From now on an interrupt, a hang-up or a request to terminate restores the terminal and ends the program with status 130, at whatever point it
/// is: whatever runs must leave only states that a second run goes on from. What the caller has had ignored (nohup) stays ignored.
void exit_on_interrupt();

/// From now on the first interrupt, or a request to terminate, is only remembered: for a job that ends itself in order. The second one
/// ends the program.
void remember_interrupts();
bool was_interrupted() noexcept;

/// A file that an interrupt deletes before the program ends; thirty-two at a time. The text must live until do_not_delete() gets it.
void delete_on_interrupt(const char* path) noexcept;
void do_not_delete(const char* path) noexcept;

} // namespace vmail::tools
