namespace CobraAD.Datasets.Formats;

/// <summary>
/// The twenty super-classes of CIFAR-100. The files have their own, which are those of the data set's authors. The list that CSI's code and
/// what descends from it works with has every fine class from 26 to 39 one place further, and 25 in the place of 39: a forest among the fish,
/// a couch among the keyboards.
/// </summary>
internal static class CifarSuperClasses
{
    private const int FirstMoved = 26, LastMoved = 39;

    /// <summary>The super-class of each fine class in the files.</summary>
    private static readonly byte[] OfFine =
    [
        4, 1, 14, 8, 0, 6, 7, 7, 18, 3, 3, 14, 9, 18, 7, 11, 3, 9, 7, 11, 6, 11, 5, 10, 7, 6, 13, 15, 3, 15, 0, 11, 1, 10, 12, 14, 16, 9, 11, 5,
        5, 19, 8, 8, 15, 13, 14, 17, 18, 10, 16, 4, 17, 4, 2, 0, 17, 4, 18, 17, 10, 3, 2, 12, 12, 16, 12, 1, 9, 19, 2, 10, 0, 1, 16, 12, 9, 13, 15, 13,
        16, 19, 2, 4, 6, 19, 5, 5, 8, 19, 18, 1, 2, 15, 6, 0, 17, 8, 14, 13,
    ];

    /// <summary>The super-class of a fine class in the files.</summary>
    /// <param name="fine">0 to 99.</param>
    public static int Official(int fine) => OfFine[fine];

    /// <summary>The super-class of a fine class in CSI's code.</summary>
    /// <param name="fine">0 to 99.</param>
    public static int Csi(int fine) => OfFine[fine is >= FirstMoved and <= LastMoved ? fine - 1 : fine == FirstMoved - 1 ? LastMoved : fine];
}
