namespace CobraAD.Server.Results;

/// <summary>What the service keeps of an image after scoring it.</summary>
public enum ImageRetention
{
    /// <summary>Nothing: results are numbers and names only.</summary>
    None,

    /// <summary>A small picture for the page.</summary>
    Thumbnails,

    /// <summary>The small picture and the file as it came, so that heat maps can be made at any time.</summary>
    Originals,
}
