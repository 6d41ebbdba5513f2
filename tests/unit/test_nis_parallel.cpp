#include <doctest/doctest.h>

#include <atomic>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <nis/parallel.hpp>

#include "nis_case.hpp"

using namespace vmail::nis;

TEST_CASE("each piece is done once, however many threads there are") {
    for (const unsigned threads : {1U, 2U, 7U}) {
        std::vector<std::atomic<int>> done(1000);
        do_pieces({threads, 1}, done.size(), [&done](std::size_t piece) { ++done[piece]; });
        CHECK(std::all_of(done.begin(), done.end(), [](const auto& times) { return times == 1; }));
    }
}

TEST_CASE("the first error of the pieces reaches the caller") {
    for (const unsigned threads : {1U, 4U}) {
        const auto fail_at_50 = [](std::size_t piece) {
            if (piece == 50) throw std::runtime_error("piece 50");
        };
        CHECK_THROWS_WITH_AS(do_pieces({threads, 1}, 100, fail_at_50), "piece 50", std::runtime_error);
    }
}

TEST_CASE("pieces of text are written in their order, and each is told of once") {
    for (const unsigned threads : {1U, 2U, 7U}) {
        std::ostringstream out;
        std::vector<std::size_t> told;
        piecewise_writer writer({threads, 1}, out, [&told](std::size_t written, std::size_t) { told.push_back(written); });
        writer.write(500, [] {
            return [text = std::string()](std::size_t number) mutable {
                text = std::to_string(number) + ' ';
                return std::string_view(text);
            };
        });
        std::string expected;
        for (int i = 0; i < 500; ++i) expected += std::to_string(i) + ' ';
        CHECK(out.str() == expected);
        std::vector<std::size_t> all(500);
        std::iota(all.begin(), all.end(), std::size_t{1});
        CHECK(told == all);
    }
}

TEST_CASE("an error in a piece of text ends the writing, and nobody waits for it for ever") {
    std::ostringstream out;
    piecewise_writer writer({4, 1}, out, nullptr);
    CHECK_THROWS_AS(writer.write(1000,
                                 [] {
                                     return [](std::size_t number) -> std::string_view {
                                         if (number == 10) throw std::runtime_error("no more");
                                         return "x";
                                     };
                                 }),
                    std::runtime_error);
    CHECK(out.str().size() <= 10);
}

TEST_CASE("how the work is cut does not show in the output or the report") {
    nis_case::maps maps;
    maps.passwd = maps.shadow = maps.aliases = maps.group = "";
    for (int i = 0; i < 300; ++i) {
        const std::string login = "user" + std::to_string(i % 290), number = std::to_string(1000 + i % 280);
        *maps.passwd +=
            login + ":x:" + number + ":100:Name" + std::to_string(i % 7) + " Surname\xE0" + std::to_string(i % 50) + ":/home/" + login + ":/bin/sh\n";
        *maps.shadow += login + ":" + (i % 9 == 0 ? "!" : "$1$abcdefgh$0123456789012345678901") + ":1x:0:::::\n";
        *maps.aliases += (i % 5 == 0 ? "list" + number + ": user1, user2\n  ,nobody\n" : login + ".a: " + login + "\n");
        *maps.group += "g" + std::to_string(i % 100) + ":x:" + number + ":user1,user" + std::to_string(i) + "\n";
    }
    const auto converted = [&maps](work_plan plan) {
        auto o = nis_case::default_options();
        o.plan = plan;
        const nis_case::outcome result = nis_case::convert(maps, o);
        std::ostringstream report;
        write_text(report, result.report);
        return result.ldif + report.str();
    };
    const std::string alone = converted({1, 100000});
    CHECK(alone.find("WARN") != std::string::npos);
    for (const work_plan plan : {work_plan{1, 3}, work_plan{2, 1}, work_plan{3, 7}, work_plan{8, 64}}) CHECK(converted(plan) == alone);
}
