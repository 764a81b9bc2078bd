// The C API of OpenVINO, installed by tools/bootstrap from the PyPI wheel.
#include <openvino/c/openvino.h>
