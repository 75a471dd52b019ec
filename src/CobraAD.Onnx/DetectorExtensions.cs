using CobraAD.Detection.Foreign;

namespace CobraAD.Onnx;

/// <summary>What this package adds to <see cref="Detector"/>.</summary>
public static class DetectorExtensions
{
    extension(Detector)
    {
        /// <summary>Opens a detector made elsewhere, in an ONNX file. It has no gradients: black-box attacks apply, and points made on another detector.</summary>
        /// <param name="path">The file. <see cref="Detector.Foreign"/> opens a TorchScript file.</param>
        /// <param name="input">What it takes and returns; the defaults when <see langword="null"/>.</param>
        /// <returns>The detector; the caller disposes it.</returns>
        /// <exception cref="FileNotFoundException">There is no such file.</exception>
        /// <exception cref="ForeignModelException">The file is not ONNX, has not one float image input, or lacks the output.</exception>
        /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
        public static OnnxDetector ForeignOnnx(string path, ForeignInput? input = null) => new(path, input ?? new ForeignInput());
    }
}
