namespace CobraAD.Methods.Tiles;

/// <summary>What a model that scores in tiles found out about its tiles.</summary>
/// <param name="Places">Tiles of an image that are looked at.</param>
/// <param name="LeftOut">Tiles of an image that are not, because no good image has content there.</param>
/// <param name="Trained">Tiles that the method was trained on, those that it kept for itself included.</param>
/// <param name="Images">Good images, kept out of the training, from which the usual scores, the temperature and the threshold come.</param>
/// <param name="PlaceWeight">How far places are told apart: 0 all alike, as on textures, 1 each by itself, as on aligned parts.</param>
/// <param name="Temperature">Of the smooth maximum over the tiles.</param>
/// <param name="Raises">For each temperature tried, by how many deviations one tile of a good image must rise, in the mean, to be noticed.</param>
public sealed record TileHealth(int Places, int LeftOut, int Trained, int Images, double PlaceWeight, double Temperature, IReadOnlyDictionary<string, double> Raises);
