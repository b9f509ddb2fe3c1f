// Every path solver's header: those of contract/path_solvers.def.
#pragma once

#include "euler_maruyama.hpp"
