namespace CobraAD.Datasets.Survey;

/// <summary>One image of a data set as its file has it.</summary>
/// <param name="Source">Path, or "file#index".</param>
/// <param name="Kind">The name of its class, such as "good" or "scratch".</param>
/// <param name="IsTraining">Whether a detector would be trained on it.</param>
/// <param name="IsGood">Whether it is one of the normal ones.</param>
/// <param name="Width">Its own width in pixels, upright.</param>
/// <param name="Height">Its own height in pixels.</param>
/// <param name="Measures">What its grey values say.</param>
internal sealed record SurveyedImage(string Source, string Kind, bool IsTraining, bool IsGood, int Width, int Height, PictureMeasures Measures);
