// The program vam-apply: all of it is in run_apply_program().
#include "cli/apply_program.hpp"

int main(int argc, char** argv) { return vam::run_apply_program(argc, argv); }
