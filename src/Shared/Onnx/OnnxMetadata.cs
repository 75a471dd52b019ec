namespace CobraAD.Export;

/// <summary>The names under which an exported model keeps what is known about it, and the names of its inputs and outputs.</summary>
internal static class OnnxMetadata
{
    /// <summary>Newest version of these names and their content; readers refuse a newer one.</summary>
    public const int CurrentFormat = 2;

    /// <summary>The version of a model whose images are only resized. In version 2 they are framed first, as "framing" in <see cref="Data"/> says.</summary>
    public const int ResizedFormat = 1;

    public const string Format = "cobra.format";
    public const string Name = "cobra.name";
    public const string ModelHash = "cobra.model_sha256";
    public const string LibraryVersion = "cobra.library_version";
    public const string Precision = "cobra.precision";
    public const string ScoreKind = "cobra.score";
    public const string BankSize = "cobra.bank_size";

    /// <summary>JSON object with "form" ("bytes" or "floats"), "height" and "width": the network's input.</summary>
    public const string InputForm = "cobra.input";

    /// <summary>JSON objects as in the .cobra file.</summary>
    public const string Calibration = "cobra.calibration";
    public const string Data = "cobra.data";
    public const string Options = "cobra.options";

    /// <summary>Optional: JSON object with "epsilon", "normalShift", "anomalousShift" and "attack".</summary>
    public const string Robustness = "cobra.robustness";

    /// <summary>Optional: licence of the training data.</summary>
    public const string DataLicence = "cobra.data_licence";

    /// <summary>The images.</summary>
    public const string Image = "image";

    /// <summary>Optional input: the raw score above which an image is anomalous.</summary>
    public const string Threshold = "threshold";

    /// <summary>Optional input: whether to compute <see cref="Gradient"/> or <see cref="Map"/>.</summary>
    public const string Explain = "explain";

    public const string Score = "score";
    public const string Calibrated = "calibrated";
    public const string IsAnomalous = "is_anomalous";
    public const string NearestIndex = "nearest_index";

    /// <summary>float32 [B, 3, height, width]: the score's gradient to the resized image; empty unless asked for.</summary>
    public const string Gradient = "gradient";

    /// <summary>float32 [B, height, width]: how anomalous each place is, of detectors that know it; empty unless asked for by <see cref="Explain"/>.</summary>
    public const string Map = "map";
}
