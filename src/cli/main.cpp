// The program: all of it is in run_program().
#include "cli/program.hpp"

int main(int argc, char** argv) { return vam::run_program(argc, argv); }
