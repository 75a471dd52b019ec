using CobraAD.Runtime.Images;

namespace CobraAD.Server;

/// <summary>A request, or one image of it, is refused for a reason that its sender should hear.</summary>
/// <param name="status">The HTTP status that says so.</param>
/// <param name="code">A stable word for programs, e.g. "image-damaged".</param>
/// <param name="detail">What is wrong, expected and found, and what to do, for people.</param>
/// <param name="innerException">What was caught, where something was.</param>
internal sealed class RefusedException(int status, string code, string detail, Exception? innerException = null) : Exception(detail, innerException)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>An image that the detector rejected.</summary>
    /// <param name="exception">The detector's word.</param>
    public static RefusedException From(ImageRejectedException exception) => exception.Defect switch
    {
        ImageDefect.Empty => new(StatusCodes.Status400BadRequest, "image-empty", exception.Reason, exception),
        ImageDefect.Unsupported => new(StatusCodes.Status415UnsupportedMediaType, "image-unsupported", exception.Reason, exception),
        ImageDefect.TooLarge => new(StatusCodes.Status413PayloadTooLarge, "image-too-large", exception.Reason, exception),
        ImageDefect.Misplaced => new(StatusCodes.Status422UnprocessableEntity, "image-misplaced", exception.Reason, exception),
        _ => new(StatusCodes.Status422UnprocessableEntity, "image-damaged", exception.Reason, exception),
    };

    /// <summary>A model that gave no finite score: not the image's fault, and no decision.</summary>
    /// <param name="exception">The detector's word.</param>
    public static RefusedException From(CobraAD.Runtime.ModelRejectedException exception) =>
        new(StatusCodes.Status500InternalServerError, "model-broken", exception.Message, exception);

    public static RefusedException NoModel() =>
        new(StatusCodes.Status503ServiceUnavailable, "no-model", "No model is loaded: the service is starting or stopping. Try again in a moment.");

    public static RefusedException Busy(int limit) =>
        new(StatusCodes.Status503ServiceUnavailable, "busy", $"{limit} images are already waiting. Send fewer at a time, or raise QueueLimit.");

    public static RefusedException TooManyBytes(string what, long limit, string option) =>
        new(StatusCodes.Status413PayloadTooLarge, "too-many-bytes", $"{what} has more than {limit} bytes, the limit that {option} sets.");

    public static RefusedException Malformed(string detail, Exception? exception = null) =>
        new(StatusCodes.Status400BadRequest, "malformed", detail, exception);
}
